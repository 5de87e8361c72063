import { libsqlBackend } from '@switchyard/backend-libsql';
import { parseConnectionString, type StorageBackend } from '@switchyard/storage-core';
import type { BackendDefinition } from '@switchyard/storage-core/backend';
import { IsolatedBackend, withIsolation } from '@switchyard/storage-isolation';

/** The backend of a connection string, not open. @param token Handed on as from the environment. */
export function connect(
  connection: string,
  token?: string,
  definition: BackendDefinition = libsqlBackend,
): StorageBackend {
  const env = token === undefined ? {} : { LIBSQL_AUTH_TOKEN: token };
  return definition.create(parseConnectionString(connection, { backends: [libsqlBackend], env }));
}

const keepingBackend = withIsolation(
  libsqlBackend,
  { module: import.meta.resolve('@switchyard/backend-libsql'), exportName: 'libsqlBackend' },
  // Only a process that was not started by the launcher is kept, and a launcher for a test or two costs more than it saves.
  { keepChild: true, launcherDelayMs: 2 ** 31 - 1 },
);

/** The same, for hundreds of stores one after the other: in the same child process, unless they are to be inline. */
export function connectInTurn(connection: string, token?: string): StorageBackend {
  const isInline = connection.includes('isolation=inline');
  const backend = connect(connection, token, isInline ? libsqlBackend : keepingBackend);
  if (backend instanceof IsolatedBackend === isInline) {
    throw new Error(`${connection} does not run where it says.`);
  }
  return backend;
}
