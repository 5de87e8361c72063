import { legacyConnectionStrings } from '@switchyard/sqlite-common';
import type { Connection, CreateOptions } from '@switchyard/storage-core';
import type { BackendDefinition } from '@switchyard/storage-core/backend';
import {
  type IsolationRequest,
  longCallsInChild,
  maintenanceInChild,
  migrationInChild,
} from '@switchyard/storage-isolation';
import { SqliteVecBackend, type SqliteVecOptions } from './backend.js';
import { BACKEND_NAME } from './capabilities.js';
import type { MigratePolicy } from './store/session.js';

/** Runs everything in the calling process, including maintenance. Used inside the child process. */
export const sqliteVecInThisProcess: BackendDefinition = {
  ...legacyConnectionStrings,
  create(connection, createOptions) {
    return new SqliteVecBackend(toOptions(connection, createOptions));
  },
};

/**
 * Registers the legacy backend for the connection strings `sqlite-vec:PATH` and `sqlite-vec::memory:`. Maintenance and
 * migration of a file run in a child process.
 */
export const sqliteVecBackend: BackendDefinition = {
  ...sqliteVecInThisProcess,
  create(connection, createOptions) {
    const own = toOptions(connection, createOptions);
    if (own.path === null) return new SqliteVecBackend(own);
    const inChild: IsolationRequest = {
      definition: sqliteVecInThisProcess,
      reference: { module: import.meta.url, exportName: 'sqliteVecInThisProcess' },
      connection: { ...connection, options: { ...connection.options, migrate: 'manual' } },
      createOptions: { mustExist: true },
    };
    return new SqliteVecBackend({
      ...own,
      maintenance: maintenanceInChild(inChild),
      migration: migrationInChild(inChild),
      longCalls: longCallsInChild(inChild),
    });
  },
};

function toOptions(
  { location, options, redacted }: Connection,
  { mustExist }: CreateOptions = {},
): SqliteVecOptions {
  if (location.type !== 'file' && location.type !== 'memory') {
    throw new TypeError(`The ${BACKEND_NAME} backend opens files, not a ${location.type}.`);
  }
  return {
    path: location.type === 'file' ? location.path : null,
    busyTimeoutMs: typeof options.busyTimeoutMs === 'number' ? options.busyTimeoutMs : undefined,
    migrate: options.migrate as MigratePolicy | undefined,
    mustExist,
    location: redacted,
  };
}
