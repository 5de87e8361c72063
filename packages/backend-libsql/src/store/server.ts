import { identifyStore, type SqliteDriver, TABLE_NAMES } from '@switchyard/sqlite-common';
import { type Secret, StorageError } from '@switchyard/storage-core';
import Database from 'libsql';
import { BACKEND_NAME } from '../capabilities.js';
import { RemoteDriver } from '../driver/remote-driver.js';
import { readLevel, requireKnownLevel } from '../schema/migrate.js';

/**
 * Opens a connection to a store on a server. Does not touch the schema. No pragma is sent and no extension is needed:
 * how the server keeps its file is its own affair.
 *
 * @throws StorageError `STORAGE_UNREACHABLE`, `STORAGE_UNAUTHORIZED`, `STORAGE_NOT_FOUND` where no database answers,
 * `STORAGE_SCHEMA_UNSUPPORTED`, `STORAGE_SCHEMA_TOO_NEW`.
 */
export function openServer(url: string, authToken: Secret | null): SqliteDriver {
  const driver = new RemoteDriver({
    location: url,
    reads: 'server',
    redact: (text) => authToken?.redact(text) ?? text,
    connect: () => new Database(url, connectionOptions(authToken)),
  });
  try {
    requireStore(driver, url);
    return driver;
  } catch (error) {
    driver.close();
    throw error;
  }
}

/** The binding's types leave out what only servers have. */
function connectionOptions(authToken: Secret | null): Database.Options {
  const options = { authToken: authToken?.reveal() ?? '' };
  return options as Database.Options;
}

/** Refuses a database that holds something else, or a store of newer software. */
export function requireStore(driver: SqliteDriver, url: string): void {
  const kind = identifyStore(driver.all<{ name: string }>(TABLE_NAMES).map(({ name }) => name));
  if (kind === 'legacy' || kind === 'foreign') {
    const what = kind === 'legacy' ? 'a store of the sqlite-vec backend' : 'not a store of Switchyard';
    throw new StorageError(
      'STORAGE_SCHEMA_UNSUPPORTED',
      `The database at ${url} is ${what}: give the address of a store or of an empty database. Nothing was changed.`,
      { backend: BACKEND_NAME, details: { found: kind, expected: 'switchyard-libsql' } },
    );
  }
  if (kind === 'switchyard-libsql') requireKnownLevel(readLevel(driver), url);
}
