import { type SqliteErrorContext, toStorageError } from '@switchyard/sqlite-common';
import {
  isStorageError,
  StorageError,
  type StorageErrorCode,
  type WriteOutcome,
} from '@switchyard/storage-core';

/** What was under way when a server failed. */
export interface RemoteErrorContext extends SqliteErrorContext {
  /**
   * Whether the server may have done it although the answer did not come: a write that is a transaction by itself, or
   * a COMMIT. Such an error has the outcome `unknown` unless the server says that it did nothing.
   */
  readonly mayBeDone: boolean;
}

interface Meaning {
  readonly code: StorageErrorCode;
  readonly what: string;
  readonly retryable?: boolean | undefined;
  /** Whether a write may have been done. A server that answers with an error has not done it. */
  readonly lost?: boolean | undefined;
}

/**
 * What the binding reports of a server: the cause stands in the message only. Status codes come first, then what the
 * server says in words, then what the network did.
 */
const meanings: readonly (readonly [RegExp, Meaning])[] = [
  [
    /status=(?:401|403)\b|status: (?:Unauthenticated|PermissionDenied)|\bUnauthorized\b|SQLITE_AUTH\b/i,
    { code: 'STORAGE_UNAUTHORIZED', what: 'The server refused the token' },
  ],
  [
    /STREAM_EXPIRED|invalid baton/i,
    {
      code: 'STORAGE_UNREACHABLE',
      what: 'The server has given up the connection, which was idle or older than the server',
    },
  ],
  [
    /Transaction timed out/i,
    { code: 'STORAGE_TIMEOUT', what: 'The transaction took longer than the server allows' },
  ],
  [
    /status=404\b/,
    { code: 'STORAGE_NOT_FOUND', what: 'There is no libSQL database at this address of the server' },
  ],
  [
    /status=413\b|RESPONSE_TOO_LARGE|Response is too large|string or blob too big|message length too large/i,
    { code: 'STORAGE_TOO_LARGE', what: 'A value or an answer is larger than the server takes' },
  ],
  [
    /SQLITE_INTERRUPT\b|SQLite error: interrupted/,
    { code: 'STORAGE_BUSY', what: 'The server interrupted the statement' },
  ],
  [/status=429\b/, { code: 'STORAGE_BUSY', what: 'The server has too much to do' }],
  [
    /status=(?:408|504)\b|status: DeadlineExceeded/,
    { code: 'STORAGE_TIMEOUT', what: 'The server took too long', lost: true },
  ],
  [
    /status=5\d\d\b(?![\s\S]*could not be parsed)/,
    { code: 'STORAGE_UNREACHABLE', what: 'The server or a proxy before it failed', lost: true },
  ],
  [
    /Sqlite3UnsupportedStatement|unsupported statement|could not be parsed/i,
    { code: 'STORAGE_NOT_SUPPORTED', what: 'The server does not take this statement' },
  ],
  [
    /\bBLOCKED\b|SQL(?:_|ITE_)FULL|database or disk is full/,
    { code: 'STORAGE_DISK_FULL', what: 'The server has no room' },
  ],
  [
    /InvalidContentType|certificate|tls/i,
    {
      code: 'STORAGE_UNREACHABLE',
      what: 'No encrypted connection came about (http:// is a server without TLS)',
    },
  ],
  [
    /error trying to connect|tcp connect error|dns error|Connection refused/i,
    { code: 'STORAGE_UNREACHABLE', what: 'The server cannot be reached' },
  ],
  [
    /Hrana\(Http\(|channel closed|connection (?:closed|reset|error)|reading a body|unexpected EOF|broken pipe|status: (?:Unavailable|Unknown|Cancelled)|WriteDelegation|PrimaryHandshakeTimeout|sync error/i,
    { code: 'STORAGE_UNREACHABLE', what: 'The connection to the server broke', lost: true },
  ],
  [
    /Hrana\(Json\(|Hrana\(Api\("(?!SQLite|SQL )status=|invalid HTTP|expected value/i,
    {
      code: 'STORAGE_UNREACHABLE',
      what: 'What answers there does not speak the protocol of libSQL',
      lost: true,
    },
  ],
];

/**
 * A server's answer that only says that the connection has to be opened anew. Nothing was done: the statement was not
 * begun, or interrupted by the server, which rolls it back.
 */
export function isExpired(error: unknown): boolean {
  return (
    error instanceof Error &&
    /STREAM_EXPIRED|invalid baton|SQLITE_INTERRUPT|SQLite error: interrupted/i.test(error.message)
  );
}

/**
 * What the binding threw on a connection to a server or on a replica of one, as a `StorageError`. The binding's errors
 * have no code. Their text is kept in the message, without stack traces, and the secrets of the connection blotted out
 * by the caller.
 */
export function toRemoteError(
  error: unknown,
  context: RemoteErrorContext,
  redact: (text: string) => string,
): StorageError | TypeError {
  const { mayBeDone, backend, location } = context;
  if (isStorageError(error) || error instanceof TypeError) return toStorageError(error, context);
  const text = redact(firstParagraph(error instanceof Error ? error.message : String(error)));
  const found = meanings.find(([pattern]) => pattern.test(text))?.[1];
  if (found === undefined) {
    return toStorageError(coded(text), { ...context, outcome: mayBeDone ? 'not-applied' : context.outcome });
  }
  const { code, what, retryable, lost = false } = found;
  const outcome: WriteOutcome | undefined = mayBeDone ? (lost ? 'unknown' : 'not-applied') : context.outcome;
  const place = location === undefined ? '' : ` (${location})`;
  return new StorageError(code, `${what}${place}: ${text}`, {
    backend,
    outcome,
    retryable,
    cause: new Error(text),
  });
}

/** The error with the result code that its text names, such as `code: "SQLITE_CONSTRAINT"`. */
function coded(text: string): Error {
  const name = /\b(SQLITE_(?!UNKNOWN)[A-Z_]+)\b/.exec(text)?.[1];
  const delegated = /RemoteSqliteFailure\(-?\d+, (\d+), /.exec(text)?.[1];
  const error = new Error(text);
  if (name !== undefined) return Object.assign(error, { code: name });
  return delegated === undefined ? error : Object.assign(error, { rawCode: Number(delegated) });
}

/** Replicas add the stack of the binding, several lines of it. */
function firstParagraph(text: string): string {
  return (text.split('\n', 1)[0] ?? '').trim();
}
