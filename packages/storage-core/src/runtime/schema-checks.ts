import { StorageError } from '../errors/storage-error.js';
import type { MigrationStatus } from '../ports/migrator.js';

/** The refusal of a store that was opened with `migrate=manual` and has not been brought to the latest level. */
export function schemaOutdated(backend: string, { level, latest }: MigrationStatus): StorageError {
  return new StorageError(
    'STORAGE_SCHEMA_OUTDATED',
    `The store has ${level === null ? 'no schema yet' : `schema level ${level}`}, this backend works on level ` +
      `${latest}, and migrate=manual was asked for. Call migrator.migrate(), or open the store with migrate=auto.`,
    { backend, outcome: 'not-applied', details: { level, latest } },
  );
}
