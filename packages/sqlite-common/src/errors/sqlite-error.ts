import { StorageError, type StorageErrorCode, type WriteOutcome } from '@switchyard/storage-core';
import { ROLLOUT_REFUSAL } from '../change-log/log-triggers.sql.js';

/** Context of a driver error. */
export interface SqliteErrorContext {
  /** Name of the backend, such as `libsql`. */
  readonly backend: string;
  /** Location of the store, without secrets, where it helps to name it. */
  readonly location?: string | undefined;
  /** Outcome of the failed call; set for writes. Default: omitted. */
  readonly outcome?: WriteOutcome | undefined;
}

/** By primary result code; see https://www.sqlite.org/rescode.html. */
const codes: Readonly<Record<number, readonly [StorageErrorCode, string]>> = {
  2: ['STORAGE_INTERNAL', 'SQLite reported an internal error'],
  3: ['STORAGE_PERMISSION_DENIED', 'Access to the store was denied'],
  4: ['STORAGE_ABORTED', 'The statement was aborted'],
  5: ['STORAGE_BUSY', 'Another connection or process holds the store'],
  6: ['STORAGE_BUSY', 'Another statement of this process holds the store'],
  7: ['STORAGE_TOO_LARGE', 'SQLite ran out of memory'],
  8: ['STORAGE_PERMISSION_DENIED', 'The store is read-only'],
  9: ['STORAGE_ABORTED', 'The statement was interrupted'],
  10: ['STORAGE_INTERNAL', 'A disk read or write failed'],
  11: ['STORAGE_CORRUPT', 'The database file is damaged'],
  13: ['STORAGE_DISK_FULL', 'The disk is full'],
  14: ['STORAGE_PERMISSION_DENIED', 'The file cannot be opened'],
  15: ['STORAGE_BUSY', 'Another process holds the locks of the store'],
  17: ['STORAGE_BUSY', 'The schema of the store was changed by another connection'],
  18: ['STORAGE_TOO_LARGE', 'A value is larger than SQLite can hold'],
  19: ['STORAGE_CONSTRAINT', 'The write contradicts what is stored'],
  22: ['STORAGE_NOT_SUPPORTED', 'This system lacks something SQLite needs'],
  23: ['STORAGE_PERMISSION_DENIED', 'The operation is not authorized'],
  26: ['STORAGE_SCHEMA_UNSUPPORTED', 'The file is not a database'],
};

const names: Readonly<Record<string, number>> = {
  INTERNAL: 2,
  PERM: 3,
  ABORT: 4,
  BUSY: 5,
  LOCKED: 6,
  NOMEM: 7,
  READONLY: 8,
  INTERRUPT: 9,
  IOERR: 10,
  CORRUPT: 11,
  FULL: 13,
  CANTOPEN: 14,
  PROTOCOL: 15,
  SCHEMA: 17,
  TOOBIG: 18,
  CONSTRAINT: 19,
  NOLFS: 22,
  AUTH: 23,
  NOTADB: 26,
};

/** Messages of drivers that give no code. */
const texts: readonly (readonly [RegExp, number])[] = [
  [/database is locked|database table is locked/i, 5],
  [/disk image is malformed|malformed database schema/i, 11],
  [/database or disk is full/i, 13],
  [/unable to open database file/i, 14],
  [/attempt to write a readonly database/i, 8],
  [/file is (?:not a database|encrypted)/i, 26],
  [/constraint failed/i, 19],
  [/string or blob too big|too big/i, 18],
  [/disk I\/O error/i, 10],
];

/**
 * Converts an error thrown by a SQLite driver to a {@link StorageError} with the original as `cause`. Recognizes
 * SQLite's result codes by name (`SQLITE_BUSY_SNAPSHOT`), by number, and by the messages of drivers that give neither.
 * A `StorageError` is returned with missing context filled in, a `TypeError` unchanged.
 */
export function toStorageError(error: unknown, context: SqliteErrorContext): StorageError | TypeError {
  const { backend, outcome, location } = context;
  if (error instanceof StorageError) {
    return error.with({ backend: error.backend ?? backend, outcome: error.outcome ?? outcome });
  }
  if (error instanceof TypeError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (message.includes(ROLLOUT_REFUSAL)) {
    return new StorageError(
      'STORAGE_EPOCH_CHANGED',
      `The store takes part in a rollout, and this library takes writes only through it. Nothing was written.`,
      { backend, outcome: 'not-applied', cause: error },
    );
  }
  const [code, meaning] = codes[resultCode(error, message) ?? -1] ?? [
    'STORAGE_INTERNAL',
    'The driver failed',
  ];
  const place = location === undefined ? '' : ` (${location})`;
  return new StorageError(code, `${meaning}${place}: ${message}`, { backend, outcome, cause: error });
}

/** Primary result code of SQLite; undefined if the error does not tell. */
function resultCode(error: unknown, message: string): number | undefined {
  const { code, rawCode } = (error ?? {}) as { readonly code?: unknown; readonly rawCode?: unknown };
  if (rawCode === 522 || rawCode === 8458) return 11; // see below
  if (typeof rawCode === 'number' && rawCode > 0) {
    const primary = rawCode & 0xff;
    if (primary in codes) return primary;
  }
  // The file is shorter than its header says, or the file system reports damage.
  if (code === 'SQLITE_IOERR_SHORT_READ' || code === 'SQLITE_IOERR_CORRUPTFS') return 11;
  const name = typeof code === 'string' ? /^SQLITE_([A-Z]+)/.exec(code)?.[1] : undefined;
  if (name !== undefined && name in names) return names[name];
  // `Unable to open connection to local database PATH: 14`
  const opening = /unable to open connection to local database [\s\S]*: (\d+)/i.exec(message)?.[1];
  if (opening !== undefined) return Number(opening) & 0xff;
  return texts.find(([pattern]) => pattern.test(message))?.[1];
}
