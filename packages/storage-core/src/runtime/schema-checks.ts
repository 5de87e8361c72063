import { StorageError } from '../errors/storage-error.js';
import type { MigrationStatus } from '../ports/migrator.js';

/**
 * Error for a write to a store that is not at the latest level and may not be migrated automatically.
 *
 * @param location The store as a user would type it in a command, without secrets.
 */
export function schemaOutdated(
  backend: string,
  { level, latest }: MigrationStatus,
  location: string,
): StorageError {
  return new StorageError(
    'STORAGE_SCHEMA_OUTDATED',
    `${location} has ${level === null ? 'no schema yet' : `schema level ${level}`}, and this backend writes level ` +
      `${latest}. Reading works without a migration. To write to it, run \`switchyard migrate ${quoted(location)}\`, call ` +
      'migrator.migrate(), or open it with migrate=auto. Other software that uses the store must support that level. ' +
      'Nothing was changed.',
    { backend, outcome: 'not-applied', details: { level, latest } },
  );
}

/** Quotes a word for a shell command. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
