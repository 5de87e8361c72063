import type { BackendDefinition } from '@switchyard/storage-core/backend';
import { loadLegacyBackend } from './legacy-backend.js';

/**
 * Loads the backends that a connection string may mean.
 *
 * @throws StorageError `STORAGE_NOT_SUPPORTED` for `sqlite-vec:` if its package is not installed.
 */
export async function loadBackends(connectionString: string): Promise<readonly BackendDefinition[]> {
  if (/^sqlite-vec:/i.test(connectionString)) return [await loadLegacyBackend()];
  const { libsqlBackend } = await import('@switchyard/backend-libsql');
  return [libsqlBackend];
}
