import { isStorageError, StorageError } from '@switchyard/storage-core';

/**
 * What SQLite, FTS5 and sqlite-vec say of a damaged file without the code for it: that an object of the schema is gone
 * or not what it was, and that a shadow table of an index does not hold what it should. The statements are our own and
 * work on every sound store.
 */
const DAMAGE = new RegExp(
  [
    'no such (?:table|column|module|index|view)|already exists',
    'vtable constructor failed|virtual table',
    'malformed|corrupt|invalid fts5|unsupported file format|sqlite_sequence',
    'blob read error|opening blob failed|blob (?:size|open|read)|iter error|could not (?:fetch|find|read|open)',
    'vec0|sqlite-vec|expected .* (?:bytes|columns)|has \\d+ columns|no such rowid|unable to delete/modify',
    // A virtual table that failed and said nothing: errors of SQLite itself say what is wrong with the statement.
    '^SQL logic error$',
    'datatype mismatch|but \\w+ was provided|JSON cannot hold BLOB|wrong number of arguments|ambiguous column|may not be (?:modified|dropped)',
  ].join('|'),
  'i',
);

/**
 * An error of a store whose file may be damaged, as `STORAGE_CORRUPT` where it tells of damage without a code for it.
 * Only for stores whose tables nobody drops while they are open.
 */
export function withDamageNamed<E>(error: E): E | StorageError {
  if (!isStorageError(error, 'STORAGE_INTERNAL')) return error;
  const { message, backend, outcome, details, cause } = error;
  // Not the message: it names the file.
  if (!(cause instanceof Error) || !DAMAGE.test(cause.message)) return error;
  return new StorageError(
    'STORAGE_CORRUPT',
    message.replace(/^The driver failed/, 'The database file is damaged'),
    {
      backend,
      outcome,
      details,
      cause,
    },
  );
}
