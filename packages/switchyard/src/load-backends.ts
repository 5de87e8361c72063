import { importBackend } from '@switchyard/storage-container/standalone';
import type { BackendDefinition } from '@switchyard/storage-core/backend';

/**
 * Loads the backends that a connection string may mean.
 *
 * @throws StorageError `STORAGE_NOT_SUPPORTED` for `sqlite-vec:` if its package, an optional peer that compiles native
 * code, or a package that it needs is not installed.
 */
export async function loadBackends(connectionString: string): Promise<readonly BackendDefinition[]> {
  if (/^sqlite-vec:/i.test(connectionString)) {
    const load = async () => (await import('@switchyard/backend-sqlite-vec')).sqliteVecBackend;
    return [await importBackend({ stores: "Legacy stores ('sqlite-vec:')", load })];
  }
  const { libsqlBackend } = await import('@switchyard/backend-libsql');
  return [libsqlBackend];
}
