import { libsqlBackend } from '@switchyard/backend-libsql';
import { parseConnectionString, type StorageBackend } from '@switchyard/storage-core';

/** The backend of a connection string, not open. @param token Handed on as from the environment. */
export function connect(connection: string, token?: string): StorageBackend {
  const env = token === undefined ? {} : { LIBSQL_AUTH_TOKEN: token };
  return libsqlBackend.create(parseConnectionString(connection, { backends: [libsqlBackend], env }));
}
