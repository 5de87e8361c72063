import { errorCodes, type StorageErrorCode } from '@switchyard/storage-core';
import type { ErrorDescription } from '../output/describe-error.js';
import type { Check } from './report.js';

type Explanation = Pick<Check, 'name' | 'finding' | 'advice'>;

const explanations: Partial<Record<StorageErrorCode, Explanation>> = {
  STORAGE_CONNECTION_STRING: {
    name: 'address',
    finding: 'The connection string is invalid.',
    advice: 'Use one of the forms listed by `switchyard help`.',
  },
  STORAGE_UNREACHABLE: {
    name: 'connection',
    finding: 'The libSQL server cannot be reached at this address.',
    advice:
      'Check that the server is running, that host and port are correct, and that the scheme is libsql:// or https:// for a server with TLS and http:// for one without.',
  },
  STORAGE_TIMEOUT: {
    name: 'connection',
    finding: 'The server accepted the connection but did not respond in time.',
    advice: 'Check the load and the log of the server; try again with a longer --timeout-ms.',
  },
  STORAGE_UNAUTHORIZED: {
    name: 'connection',
    finding: 'The server rejects the token, or requires one and received none.',
    advice: 'Set LIBSQL_AUTH_TOKEN to a token that the server accepts and that has not expired.',
  },
  STORAGE_NOT_FOUND: {
    name: 'address',
    finding: 'There is nothing at this path or address.',
    advice: 'Check the name of the file, or of the database and the path on the server.',
  },
  STORAGE_PERMISSION_DENIED: {
    name: 'address',
    finding: 'The file cannot be opened or written by this user.',
    advice: 'Check the owner and the permissions of the file and of its folder.',
  },
  STORAGE_SCHEMA_TOO_NEW: {
    name: 'schema',
    finding: 'The store was written by newer software.',
    advice: 'Upgrade Switchyard.',
  },
  STORAGE_SCHEMA_UNSUPPORTED: {
    name: 'schema',
    finding: 'This is not a store of this backend.',
    advice: 'Pass the path of a store, or open the file with the software that wrote it.',
  },
  STORAGE_CORRUPT: {
    name: 'content',
    finding: 'The database is damaged.',
    advice: 'Stop writing, make a copy, and restore a backup; a replica can simply be deleted.',
  },
  STORAGE_BUSY: {
    name: 'connection',
    finding: 'Another process holds the store, or the server is overloaded.',
    advice: 'Try again later.',
  },
};

/** Explanations for backends of other packages, where those above name libSQL. */
const general: Partial<Record<StorageErrorCode, Explanation>> = {
  STORAGE_UNREACHABLE: {
    name: 'connection',
    finding: 'The server cannot be reached at this address.',
    advice: 'Check that the server is running, and that scheme, host and port are correct.',
  },
  STORAGE_UNAUTHORIZED: {
    name: 'connection',
    finding: 'The server rejects the credentials, or requires some and received none.',
    advice: 'Check the user, the password or the token, and how the backend takes them.',
  },
};

/**
 * Explains an error as a finding with advice.
 *
 * @param isBuiltIn True for a backend that is part of the command.
 */
export function explain(
  error: ErrorDescription,
  { isBuiltIn }: { readonly isBuiltIn: boolean },
): Explanation {
  if (isBuiltIn && /no such module|extension/i.test(`${error.message} ${error.cause ?? ''}`)) {
    return {
      name: 'schema',
      finding: 'The store needs an extension that is not available.',
      advice:
        'A legacy store needs sqlite-vec, which cannot be loaded into a server: open its file locally, or convert it.',
    };
  }
  const code = error.code as StorageErrorCode;
  const usual = (isBuiltIn ? undefined : general[code]) ??
    explanations[code] ?? {
      name: 'connection',
      finding: 'The store cannot be used.',
      advice: error.action,
    };
  // Advice of the error itself is more specific than that of its code.
  return error.action === errorCodes[code]?.action ? usual : { ...usual, advice: error.action };
}
