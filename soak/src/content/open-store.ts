import { libsqlModule } from '@switchyard/backend-libsql/module';
import { sqliteVecModule } from '@switchyard/backend-sqlite-vec/module';
import { createContainer, type Environment } from '@switchyard/storage-container';
import type { StorageBackend } from '@switchyard/storage-core';

/** A backend that is not open. @param token Handed on as from the environment. */
export function createBackend(connection: string, mustExist = false, token?: string): StorageBackend {
  const env: Environment = token === undefined ? {} : { LIBSQL_AUTH_TOKEN: token };
  return createContainer({ modules: [libsqlModule, sqliteVecModule], env }).createBackend(connection, {
    mustExist,
  });
}
