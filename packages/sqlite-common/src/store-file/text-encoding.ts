import { StorageError } from '@switchyard/storage-core';
import type { SqliteDriver } from '../driver.js';

const ENCODING = `
  SELECT encoding = 'UTF-8' AS is_utf8 FROM pragma_encoding`;

/**
 * Refuses a database that stores text as UTF-16: text is read as bytes, which would be taken for UTF-8, and such a
 * database cannot be attached to another one. For databases that `detectStoreKind` could not check from their bytes.
 *
 * @throws StorageError `STORAGE_NOT_SUPPORTED`.
 */
export function requireUtf8(driver: SqliteDriver, location: string, backend: string): void {
  if (driver.first<{ is_utf8: unknown }>(ENCODING)?.is_utf8 === 0) throw storesUtf16(location, backend);
}

/** Error for a database that stores text as UTF-16. */
export function storesUtf16(location: string, backend: string): StorageError {
  return new StorageError(
    'STORAGE_NOT_SUPPORTED',
    `${location} stores text as UTF-16 (PRAGMA encoding); stores of Switchyard are UTF-8. Nothing was changed.`,
    {
      backend,
      advice:
        'Create a UTF-8 copy with the sqlite3 shell (sqlite3 OLD.db .dump | sqlite3 NEW.db) and open the copy.',
      details: { encoding: 'UTF-16' },
    },
  );
}
