import { isStorageError, StorageError, type StorageErrorCode } from '@switchyard/storage-core';
import { BACKEND_NAME } from '../capabilities.js';

/** Codes by SQLSTATE, and by its first two characters for a whole class. */
const codes: Readonly<Record<string, readonly [StorageErrorCode, advice?: string]>> = {
  '08': ['STORAGE_UNREACHABLE'],
  '22': ['STORAGE_INTERNAL'],
  '23': ['STORAGE_CONSTRAINT'],
  '25006': ['STORAGE_PERMISSION_DENIED', 'Write to the primary server: this one is a replica or read-only.'],
  '28': ['STORAGE_UNAUTHORIZED', 'Check the user and the password in the connection string.'],
  '3D000': ['STORAGE_NOT_FOUND', 'Create the database first, with createdb.'],
  '3F000': ['STORAGE_NOT_FOUND'],
  '40': ['STORAGE_BUSY'],
  '42501': [
    'STORAGE_PERMISSION_DENIED',
    'Grant the user CREATE on the database, or the rights on the schema.',
  ],
  '42P01': ['STORAGE_NOT_FOUND', 'The tables of the store were removed: close it and open it again.'],
  '53': ['STORAGE_UNREACHABLE'],
  '53100': ['STORAGE_DISK_FULL'],
  '54': ['STORAGE_TOO_LARGE'],
  '55P03': ['STORAGE_BUSY'],
  '57': ['STORAGE_UNREACHABLE'],
  '57014': ['STORAGE_TIMEOUT'],
  '58': ['STORAGE_UNREACHABLE'],
  XX001: ['STORAGE_CORRUPT'],
  XX002: ['STORAGE_CORRUPT'],
};

/** Messages of `pg` without a code, for connections that were lost or never made. */
const CONNECTION_LOST = /connection|timeout exceeded|not queryable/i;

/** Fields that `pg` and PGlite add to their errors. */
interface DriverError extends Error {
  readonly code?: string;
  readonly detail?: string;
}

/**
 * Converts an error of the driver. A {@link StorageError} is returned unchanged, and so is a TypeError: it is a mistake of
 * the calling program.
 *
 * @param redact Removes secrets from a text.
 */
export function toStorageError(error: unknown, redact: (text: string) => string): unknown {
  if (isStorageError(error) || error instanceof TypeError || !(error instanceof Error)) return error;
  const { code: sqlState = '', detail, message } = error as DriverError;
  // No class of PostgreSQL begins with E, and errors of the system do.
  const isSqlState = /^(?!E)[0-9A-Z]{5}$/.test(sqlState);
  const [code, advice] = isSqlState
    ? (codes[sqlState] ?? codes[sqlState.slice(0, 2)] ?? ['STORAGE_INTERNAL'])
    : [codeWithoutSqlState(error, sqlState)];
  const text = redact([message || messagesIn(error), detail].filter((part) => part !== undefined).join('. '));
  return new StorageError(code, `PostgreSQL: ${text}`, {
    backend: BACKEND_NAME,
    advice,
    // A copy, since drivers add the statement, its values and their settings to their errors.
    cause: new Error(text),
    ...(isSqlState ? { details: { sqlState } } : {}),
  });
}

/** A host with several addresses fails with an error for each, and no message of its own. */
function messagesIn(error: Error): string {
  return error instanceof AggregateError ? error.errors.map(String).join('. ') : error.name;
}

function codeWithoutSqlState(error: Error, systemCode: string): StorageErrorCode {
  if (error instanceof RangeError) return 'STORAGE_TOO_LARGE';
  if (systemCode === 'EACCES') return 'STORAGE_PERMISSION_DENIED';
  if (systemCode === 'ENOSPC') return 'STORAGE_DISK_FULL';
  const isNetwork = /^E|CERT|^UNABLE_TO_/.test(systemCode) || CONNECTION_LOST.test(error.message);
  return isNetwork ? 'STORAGE_UNREACHABLE' : 'STORAGE_INTERNAL';
}

/** Returns true if PostgreSQL rolled a transaction back because of a concurrent one: the same work may succeed now. */
export function isSerializationFailure(error: unknown): boolean {
  return isStorageError(error) && ['40001', '40P01'].includes(String(error.details?.sqlState));
}

/** Returns true if PostgreSQL refused a commit, so that nothing was written, rather than not answering to it. */
export function isRefusedCommit(error: unknown): boolean {
  return isStorageError(error) && /^(?:23|40(?!003))/.test(String(error.details?.sqlState));
}
