import { importBackend } from '@switchyard/storage-container/standalone'; // @legacy
import type { BackendDefinition } from '@switchyard/storage-core/backend';

/**
 * Loads the backends that a connection string may mean.
 *
 * @throws StorageError `STORAGE_NOT_SUPPORTED` if the package of a backend, an optional peer that compiles native code, or
 * a package that it needs is not installed.
 */
export async function loadBackends(connectionString: string): Promise<readonly BackendDefinition[]> {
  // @legacy-begin
  if (/^sqlite-vec:/i.test(connectionString)) {
    const load = async () => (await import('@switchyard/backend-sqlite-vec')).sqliteVecBackend;
    return [await importBackend({ stores: "Legacy stores ('sqlite-vec:')", load })];
  }
  // @legacy-end
  const { libsqlBackend } = await import('@switchyard/backend-libsql');
  return [libsqlBackend];
}
