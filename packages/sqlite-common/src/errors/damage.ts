import { isStorageError, StorageError } from '@switchyard/storage-core';

/**
 * Messages by which SQLite, FTS5 and sqlite-vec report a damaged file without the matching code: an object of the
 * schema is missing or different, or a shadow table of an index lacks its content. The statements are our own and work
 * on every sound store.
 */
const DAMAGE = new RegExp(
  [
    'no such (?:table|column|module|index|view)|already exists',
    'vtable constructor failed|virtual table',
    // What FTS5 says of its own definition.
    'tokenize|parse error in|has no column named|prefix (?:length|index)|unrecognized (?:column )?option|reserved fts5|fts5 column|contentless|columnsize|detail=',
    'malformed|corrupt|invalid fts5|unsupported file format|sqlite_sequence',
    'blob read error|opening blob failed|blob (?:size|open|read)|iter error|could not (?:fetch|find|read|open)',
    'vec0|sqlite-vec|expected .* (?:bytes|columns)|has \\d+ columns|no such rowid|unable to delete/modify',
    // A virtual table that failed without a message; errors of SQLite itself say what is wrong with the statement.
    '^SQL logic error$',
    'datatype mismatch|but \\w+ was provided|JSON cannot hold BLOB|wrong number of arguments|ambiguous column|may not be (?:modified|dropped)',
  ].join('|'),
  'i',
);

/**
 * Converts an error that indicates damage without a code for it to `STORAGE_CORRUPT`; returns any other unchanged. Only
 * for stores whose tables nobody drops while they are open.
 */
export function withDamageNamed<E>(error: E): E | StorageError {
  if (!isStorageError(error, 'STORAGE_INTERNAL')) return error;
  const { message, backend, outcome, details, cause } = error;
  // Not `message`, which contains the file name.
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
