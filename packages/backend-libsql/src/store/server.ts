import type { SqliteDriver } from '@switchyard/sqlite-common';
import { type Secret, StorageError } from '@switchyard/storage-core';
import Database from 'libsql';
import { BACKEND_NAME } from '../capabilities.js';
import { RemoteDriver } from '../driver/remote-driver.js';
import { requireKnownLevel } from '../schema/migrate.js';
import type { SchemaState } from '../schema/state.js';

/**
 * A connection to a store on a server, which is made when it is first used. No pragma is sent and no extension is
 * needed: how the server keeps its file is its own affair.
 */
export function openServer(url: string, authToken: Secret | null): SqliteDriver {
  return new RemoteDriver({
    location: url,
    reads: 'server',
    hasToken: () => authToken !== null,
    redact: (text) => authToken?.redact(text) ?? text,
    connect: () => new Database(url, connectionOptions(authToken)),
  });
}

/** The binding's types leave out what only servers have. */
function connectionOptions(authToken: Secret | null): Database.Options {
  const options = { authToken: authToken?.reveal() ?? '' };
  return options as Database.Options;
}

/**
 * Refuses a database on a server that holds something else, or a store of newer software.
 *
 * @throws StorageError `STORAGE_SCHEMA_UNSUPPORTED`, `STORAGE_SCHEMA_TOO_NEW`.
 */
export function requireStore({ kind, level }: SchemaState, url: string): void {
  if (kind === 'legacy' || kind === 'foreign') {
    const what = kind === 'legacy' ? 'a store of the sqlite-vec backend' : 'not a store of Switchyard';
    throw new StorageError(
      'STORAGE_SCHEMA_UNSUPPORTED',
      `The database at ${url} is ${what}: give the address of a store or of an empty database. Nothing was changed.`,
      { backend: BACKEND_NAME, details: { found: kind, expected: 'switchyard-libsql' } },
    );
  }
  requireKnownLevel(level, url);
}
