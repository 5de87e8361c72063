import type { StorageErrorCode, StorageErrorOptions } from '@switchyard/storage-core';

/** Meaning of a server error that the binding reports as text. */
export interface Meaning {
  readonly code: StorageErrorCode;
  readonly what: string;
  /** Default: that of the code. */
  readonly advice?: string | undefined;
  /**
   * True if a write that failed this way cannot have been applied: it was never sent, or the server refused it. Default
   * false.
   */
  readonly nothingDone?: boolean | undefined;
  readonly details?: StorageErrorOptions['details'];
}

const NO_TOKEN: Meaning = {
  code: 'STORAGE_UNAUTHORIZED',
  what: 'The server wants a token and none was given',
  advice: 'Give one in LIBSQL_AUTH_TOKEN or as authToken=TOKEN in the connection string.',
  nothingDone: true,
  details: { reason: 'no-token' },
};

const CHECK_TLS =
  'Check that the address is of a server with TLS (http:// is without), and that its certificate is valid for this host name and signed by a public authority: the driver has roots of its own.';

/**
 * Meanings in order of precedence: token errors, then other answers of the server, then network errors. The cause is only
 * in the message. Texts about a broken connection precede those about a connection that was not established.
 */
const meanings: readonly (readonly [RegExp, Meaning])[] = [
  [
    /JWT has expired|token (?:has |is )?expired/i,
    {
      code: 'STORAGE_UNAUTHORIZED',
      what: 'The token has expired',
      advice: 'Set a new token; an application may give authToken as a function that fetches one.',
      nothingDone: true,
      details: { reason: 'token-expired' },
    },
  ],
  [
    // Reported for a write with a read-only token. A token for another namespace lacks any permission.
    /(?:not have|no|without|lacks?) write permission|\bread[- ]?only token/i,
    {
      code: 'STORAGE_UNAUTHORIZED',
      what: 'The token may only read',
      advice: 'Write with a token that has write access to this database.',
      nothingDone: true,
      details: { reason: 'read-only-token' },
    },
  ],
  [
    /status=(?:401|403|407)\b|status: (?:Unauthenticated|PermissionDenied)|\bUnauthorized\b|SQLITE_AUTH\b/i,
    { code: 'STORAGE_UNAUTHORIZED', what: 'The server refused the token', nothingDone: true },
  ],
  [
    /InvalidHeaderValue/,
    {
      code: 'STORAGE_UNAUTHORIZED',
      what: 'The token holds a character that cannot be sent, such as a line break',
      nothingDone: true,
    },
  ],
  [
    /STREAM_EXPIRED|invalid baton/i,
    {
      code: 'STORAGE_UNREACHABLE',
      what: 'The server has closed the connection, which was idle or older than the server',
      advice: 'Try again: the next call opens another connection.',
      nothingDone: true,
    },
  ],
  [
    /Transaction timed out/i,
    {
      code: 'STORAGE_TIMEOUT',
      what: 'The transaction took longer than the server allows',
      nothingDone: true,
    },
  ],
  [
    /status=404\b/,
    {
      code: 'STORAGE_NOT_FOUND',
      what: 'There is no libSQL database at this address of the server',
      advice: 'Check the name of the database and the path on the server.',
      nothingDone: true,
    },
  ],
  // A write has been done when its answer turns out to be too large.
  [
    /RESPONSE_TOO_LARGE|Response is too large|message length too large/i,
    { code: 'STORAGE_TOO_LARGE', what: 'An answer is larger than the server sends' },
  ],
  [
    /status=413\b|string or blob too big/i,
    { code: 'STORAGE_TOO_LARGE', what: 'A value is larger than the server takes', nothingDone: true },
  ],
  [
    /SQLITE_INTERRUPT\b|SQLite error: interrupted/,
    { code: 'STORAGE_BUSY', what: 'The server interrupted the statement', nothingDone: true },
  ],
  [
    /status=429\b/,
    {
      code: 'STORAGE_BUSY',
      what: 'The server has too much to do',
      advice: 'Try again later.',
      nothingDone: true,
    },
  ],
  [
    /status=(?:408|504)\b|status: DeadlineExceeded/,
    { code: 'STORAGE_TIMEOUT', what: 'The server took too long' },
  ],
  [
    /status=5\d\d\b(?![\s\S]*could not be parsed)/,
    {
      code: 'STORAGE_UNREACHABLE',
      what: 'The server or a proxy before it failed',
      advice: 'Look at the log of the server; then try again.',
    },
  ],
  [
    /Sqlite3UnsupportedStatement|unsupported statement|could not be parsed/i,
    {
      code: 'STORAGE_NOT_SUPPORTED',
      what: 'The server does not take this statement',
      nothingDone: true,
    },
  ],
  [
    /\bBLOCKED\b|SQL(?:_|ITE_)FULL|database or disk is full/,
    { code: 'STORAGE_DISK_FULL', what: 'The server has no room', nothingDone: true },
  ],
  // A replica fetches its own write after the server has acknowledged it.
  [
    /(?:\bReplication\(|sync error)[\s\S]*Connection refused/i,
    {
      code: 'STORAGE_UNREACHABLE',
      what: 'The server of the replica refuses connections',
      advice: 'Check that the server runs, and its port.',
    },
  ],
  [
    // All that the driver reports when sqld answers the handshake with Unauthenticated.
    /\bReplication\(PrimaryHandshakeTimeout/,
    {
      code: 'STORAGE_UNREACHABLE',
      what: 'The server of the replica did not complete the handshake, as happens when it refuses the token or was given none',
      advice:
        'Set a valid token in LIBSQL_AUTH_TOKEN; if it is valid, check that the address is of a server that serves replicas.',
    },
  ],
  [
    /\bReplication\(|sync error/i,
    {
      code: 'STORAGE_UNREACHABLE',
      what: 'The replica could not fetch from its server',
      advice: 'Check the address, the network and the log of the server; then try again.',
    },
  ],
  [/close_notify/i, { code: 'STORAGE_UNREACHABLE', what: 'The connection to the server broke' }],
  [
    /dns error|failed to lookup address|name resolution/i,
    {
      code: 'STORAGE_UNREACHABLE',
      what: 'The host name of the server cannot be resolved',
      advice: 'Check the spelling of the host and the name servers of this machine.',
      nothingDone: true,
    },
  ],
  [
    /InvalidContentType|InvalidCertificate|certificate|\btls\b|handshake failure/i,
    {
      code: 'STORAGE_UNREACHABLE',
      what: 'TLS handshake failed',
      advice: CHECK_TLS,
      nothingDone: true,
    },
  ],
  [
    /Connection refused/i,
    {
      code: 'STORAGE_UNREACHABLE',
      what: 'The server refuses connections',
      advice: 'Check that the server runs, and its port.',
      nothingDone: true,
    },
  ],
  [
    /error trying to connect[\s\S]*timed out|connect timeout|ETIMEDOUT/i,
    {
      code: 'STORAGE_UNREACHABLE',
      what: 'The server did not accept the connection in time',
      advice: 'Check the address, and that no firewall drops the packets; then try again.',
      nothingDone: true,
    },
  ],
  [
    /error trying to connect|tcp connect error/i,
    { code: 'STORAGE_UNREACHABLE', what: 'The server cannot be reached', nothingDone: true },
  ],
  [
    /Hrana\(Http\(|channel closed|connection (?:closed|reset|error)|reading a body|unexpected EOF|broken pipe|status: (?:Unavailable|Unknown|Cancelled)|WriteDelegation|PrimaryHandshakeTimeout/i,
    {
      code: 'STORAGE_UNREACHABLE',
      what: 'The connection to the server broke',
      advice: 'Try again; for a write, look at `outcome` first.',
    },
  ],
  [
    /Hrana\(Json\(|Hrana\(UnexpectedResponse|Hrana\(Api\("(?!SQLite|SQL )status=|invalid HTTP|expected value/i,
    {
      code: 'STORAGE_UNREACHABLE',
      what: 'What answers there does not speak the protocol of libSQL',
      advice: 'Check host and port: another service may listen there.',
    },
  ],
];

/**
 * Finds what a text of the binding means; undefined for an error of the database engine.
 *
 * @param hasToken true if a token was sent
 */
export function meaningOf(text: string, hasToken: boolean): Meaning | undefined {
  const meaning = meanings.find(([pattern]) => pattern.test(text))?.[1];
  return meaning?.code === 'STORAGE_UNAUTHORIZED' && !hasToken ? NO_TOKEN : meaning;
}
