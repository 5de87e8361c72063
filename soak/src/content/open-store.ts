import { libsqlModule } from '@switchyard/backend-libsql/module';
import { sqliteVecModule } from '@switchyard/backend-sqlite-vec/module'; // @legacy
import { createContainer, type Environment } from '@switchyard/storage-container';
import type { StorageBackend } from '@switchyard/storage-core';

const modules = [
  libsqlModule,
  sqliteVecModule, // @legacy
];

/** Creates a backend that is not open yet. @param token Token of the server, passed as from the environment. */
export function createBackend(connection: string, mustExist = false, token?: string): StorageBackend {
  const env: Environment = token === undefined ? {} : { LIBSQL_AUTH_TOKEN: token };
  return createContainer({ modules, env }).createBackend(connection, {
    mustExist,
  });
}
