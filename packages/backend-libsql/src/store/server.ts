import { STORE_KIND_NAMES } from '@switchyard/sqlite-common';
import { StorageError } from '@switchyard/storage-core';
import { shownUrl, type TokenSource } from '@switchyard/storage-core/backend';
import Database from 'libsql';
import { BACKEND_NAME } from '../capabilities.js';
import { RemoteDriver } from '../driver/remote-driver.js';
import { requireKnownLevel } from '../schema/migrate.js';
import type { SchemaState } from '../schema/state.js';

/** Returns a connection to a store on a server, which is opened on first use. Sends no pragma: the server keeps its file itself. */
export function openServer(url: string, tokens: TokenSource): RemoteDriver {
  return new RemoteDriver({
    location: shownUrl(url),
    reads: 'server',
    hasToken: () => tokens.current !== null,
    redact: (text) => tokens.redact(text),
    // The binding's types leave out what only servers have.
    connect: () => new Database(url, { authToken: tokens.current?.reveal() ?? '' } as Database.Options),
  });
}

/**
 * Refuses a database on a server that contains something else, or a store of newer software.
 *
 * @throws StorageError `STORAGE_SCHEMA_UNSUPPORTED`, `STORAGE_SCHEMA_TOO_NEW`.
 */
export function requireRemoteStore({ kind, level }: SchemaState, url: string): void {
  if (kind !== 'empty' && kind !== 'switchyard-libsql') {
    throw new StorageError(
      'STORAGE_SCHEMA_UNSUPPORTED',
      `The database at ${shownUrl(url)} is ${STORE_KIND_NAMES[kind]}: give the address of a store or of an empty database. Nothing was changed.`,
      { backend: BACKEND_NAME, details: { found: kind, expected: 'switchyard-libsql' } },
    );
  }
  requireKnownLevel(level, shownUrl(url));
}
