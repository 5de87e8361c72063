import type { Connection, CreateOptions } from '@switchyard/storage-core';
import type { BackendDefinition } from '@switchyard/storage-core/backend';
import {
  type IsolationRequest,
  longCallsInChild,
  maintenanceInChild,
  withIsolation,
} from '@switchyard/storage-isolation';
import { LibsqlBackend } from './backend.js';
import { BACKEND_NAME } from './capabilities.js';
import { defaults, type LibsqlOptions, type MigratePolicy } from './options.js';

/** Environment variables for the token of a libSQL server: that of the engine, and that of its hosting service. */
const tokenVariables = ['LIBSQL_AUTH_TOKEN', 'TURSO_AUTH_TOKEN'];

/** Reference by which a child process loads the definition. */
const reference = { module: import.meta.url, exportName: 'libsqlInThisProcess' };

/** Definition that does everything in this process, including maintenance. Runs in child processes. */
export const libsqlInThisProcess: BackendDefinition = {
  name: BACKEND_NAME,
  schemes: [
    {
      prefix: '',
      location: 'path',
      tokenVariables,
      example: 'docs.db',
      description: 'libSQL store in a local file',
    },
    {
      prefix: 'file:',
      location: 'path',
      tokenVariables,
      example: 'file:docs.db',
      description: 'libSQL store in a local file',
    },
    {
      prefix: ':memory:',
      location: 'memory',
      example: ':memory:',
      description: 'libSQL store in memory, gone when it is closed',
    },
    {
      prefix: 'libsql://',
      location: 'server',
      tokenVariables,
      example: 'libsql://HOST',
      description: 'libSQL store on a server, over TLS',
    },
    {
      prefix: 'https://',
      location: 'server',
      tokenVariables,
      example: 'https://HOST',
      description: 'libSQL store on a server',
    },
    {
      prefix: 'http://',
      location: 'server',
      tokenVariables,
      example: 'http://127.0.0.1:8080',
      description: 'libSQL store on a server, not encrypted',
    },
  ],
  options: [
    {
      name: 'authToken',
      type: 'token',
      description: 'Token of the server. Prefer the environment variable LIBSQL_AUTH_TOKEN.',
    },
    {
      name: 'syncUrl',
      type: 'server',
      description: 'Makes a local file the replica of the store on this server.',
    },
    {
      name: 'syncIntervalSeconds',
      type: 'integer',
      min: 1,
      max: 86_400,
      description:
        "Interval, in seconds, at which a replica fetches other clients' writes. Default: when it is opened, and on demand.",
    },
    {
      name: 'busyTimeoutMs',
      type: 'integer',
      min: 0,
      max: 2_147_483_647,
      description: 'Maximum time that a call waits for another writer, in milliseconds.',
      default: String(defaults.busyTimeoutMs),
    },
    {
      name: 'cacheMiB',
      type: 'integer',
      min: 1,
      max: 65_536,
      description: 'Cache of the connection, in MiB. Local files only.',
      default: String(defaults.cacheMiB),
    },
    {
      name: 'mmapMiB',
      type: 'integer',
      min: 0,
      max: 1_048_576,
      description: 'Maximum part of the file that is read through a memory map, in MiB. Local files only.',
      default: String(defaults.mmapMiB),
    },
    {
      name: 'vectorCacheMiB',
      type: 'integer',
      min: 0,
      max: 1_048_576,
      description:
        'Cache for vector search, in MiB. Versions that do not fit are searched in the file or by the server; with 0, by the engine.',
      default: String(defaults.vectorCacheMiB),
    },
    {
      name: 'ftsCacheMiB',
      type: 'integer',
      min: 0,
      max: 1_048_576,
      description: 'Cache for full-text search, in MiB; with 0, the engine searches.',
      default: String(defaults.ftsCacheMiB),
    },
    {
      name: 'migrate',
      type: 'string',
      values: ['create', 'auto', 'manual'],
      description:
        'Lets writes create the schema of an empty store (create), also migrate an older one (auto), or neither (manual).',
      default: 'create',
    },
  ],
  create(connection, createOptions) {
    return new LibsqlBackend(toOptions(connection, createOptions));
  },
};
/** Definition that does the maintenance of a local file in a child process. */
const inline: BackendDefinition = {
  ...libsqlInThisProcess,
  create(connection, createOptions) {
    const own = toOptions(connection, createOptions);
    if (connection.location.type !== 'file') return new LibsqlBackend(own);
    const inChild: IsolationRequest = {
      definition: libsqlInThisProcess,
      reference,
      connection: { ...connection, options: { ...connection.options, migrate: 'manual' } },
      createOptions: { mustExist: true },
    };
    return new LibsqlBackend({
      ...own,
      maintenance: maintenanceInChild(inChild),
      longCalls: longCallsInChild(inChild),
    });
  },
};

function toOptions(
  { location, authToken, options, redacted }: Connection,
  { mustExist, authToken: given }: CreateOptions = {},
): LibsqlOptions {
  const integer = (name: string): number | undefined => {
    const value = options[name];
    return typeof value === 'number' ? value : undefined;
  };
  return {
    location,
    authToken: given ?? authToken,
    redacted,
    mustExist,
    syncIntervalSeconds: integer('syncIntervalSeconds'),
    busyTimeoutMs: integer('busyTimeoutMs'),
    cacheMiB: integer('cacheMiB'),
    mmapMiB: integer('mmapMiB'),
    vectorCacheMiB: integer('vectorCacheMiB'),
    ftsCacheMiB: integer('ftsCacheMiB'),
    migrate: options.migrate as MigratePolicy | undefined,
  };
}

/**
 * Registers the libSQL backend for connection strings. The binding blocks its thread, forever if a server never answers, so
 * servers and replicas are used from a child process unless `isolation=inline` is given.
 */
export const libsqlBackend: BackendDefinition = withIsolation(inline, reference);
