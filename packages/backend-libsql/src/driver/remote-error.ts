import { type SqliteErrorContext, toStorageError } from '@switchyard/sqlite-common';
import { isStorageError, StorageError, type StorageErrorCode } from '@switchyard/storage-core';
import { meaningOf } from './remote-meanings.js';

/** State of a call that failed on a server. */
export interface RemoteErrorContext extends SqliteErrorContext {
  /**
   * True if the server may have completed the call although its answer was lost: a write that is a transaction by itself,
   * or a COMMIT. Such an error has the outcome `unknown`, unless nothing can have been sent or the server refused it.
   */
  readonly mayBeDone: boolean;
  /** True if a token was sent. Default true. */
  readonly hasToken?: boolean | undefined;
}

/**
 * Returns true if an error only means that the connection must be replaced. Nothing was done: the statement was not
 * started, or the server interrupted it and rolled it back.
 */
export function isExpired(error: unknown): boolean {
  return (
    error instanceof Error &&
    /STREAM_EXPIRED|invalid baton|SQLITE_INTERRUPT|SQLite error: interrupted/i.test(error.message)
  );
}

/**
 * Converts what the binding threw on a connection to a server, or on a replica of one. The binding's errors have no
 * code. Their text is kept in the message, without stack traces and with the secrets of the connection redacted by the
 * caller.
 */
export function toRemoteError(
  error: unknown,
  context: RemoteErrorContext,
  redact: (text: string) => string,
): StorageError | TypeError {
  const { mayBeDone, backend, location } = context;
  if (isStorageError(error) || error instanceof TypeError) return toStorageError(error, context);
  const text = redact(firstParagraph(error instanceof Error ? error.message : String(error)));
  const meaning = meaningOf(text, context.hasToken ?? true);
  if (meaning === undefined) return fromEngine(text, context);
  const { code, what, advice, nothingDone = false, details } = meaning;
  const place = location === undefined ? '' : ` (${location})`;
  return new StorageError(code, `${what}${place}: ${text}`, {
    backend,
    outcome: mayBeDone ? (nothingDone ? 'not-applied' : 'unknown') : context.outcome,
    advice,
    details,
    cause: new Error(text),
  });
}

/** Codes of errors of the engine itself, which has rolled the statement back. */
const ANSWERED: ReadonlySet<StorageErrorCode> = new Set([
  'STORAGE_BUSY',
  'STORAGE_CONSTRAINT',
  'STORAGE_DISK_FULL',
  'STORAGE_EPOCH_CHANGED',
  'STORAGE_PERMISSION_DENIED',
  'STORAGE_TOO_LARGE',
]);

/** Converts an error of SQLite, or an unknown text, after which the outcome of a write is unknown too. */
function fromEngine(text: string, context: RemoteErrorContext): StorageError | TypeError {
  const known = toStorageError(coded(text), context);
  if (!context.mayBeDone || !isStorageError(known)) return known;
  // `SQLite error: no such table` and the like: the statement did not compile.
  // An error of the disk may come after the log has the whole transaction.
  const isAnswer =
    ANSWERED.has(known.code) ||
    (/\bSQLite (?:input )?error\b|\bSQLITE_ERROR\b/i.test(text) && !/disk I\/O error|IOERR/i.test(text));
  return known.with({ outcome: isAnswer ? 'not-applied' : 'unknown' });
}

/** Returns an error with the result code in its text, such as `code: "SQLITE_CONSTRAINT"`. */
function coded(text: string): Error {
  const name = /\b(SQLITE_(?!UNKNOWN)[A-Z_]+)\b/.exec(text)?.[1];
  const delegated = /RemoteSqliteFailure\(-?\d+, (\d+), /.exec(text)?.[1];
  const error = new Error(text);
  if (name !== undefined) return Object.assign(error, { code: name });
  return delegated === undefined ? error : Object.assign(error, { rawCode: Number(delegated) });
}

/** Removes the stack of the binding, which replicas append in several lines. */
function firstParagraph(text: string): string {
  return (text.split('\n', 1)[0] ?? '').trim();
}
