import type { Connection, CreateOptions } from '@switchyard/storage-core';
import { type BackendDefinition, secretsOf } from '@switchyard/storage-core/backend';
import { PostgresBackend } from './backend.js';
import { BACKEND_NAME, capabilitiesOf } from './capabilities.js';
import { embeddedDatabase } from './database/embedded.js';
import { type ServerOptions, serverDatabase } from './database/server.js';

const server = {
  location: 'server',
  protocols: ['postgres:', 'postgresql:'],
  credentials: true,
  showPath: true,
  options: [
    {
      name: 'sslmode',
      type: 'string',
      values: ['disable', 'require', 'verify'],
      description: 'Encryption: none, without checking the certificate, or with.',
      default: 'disable',
    },
    {
      name: 'connections',
      type: 'integer',
      min: 1,
      max: 1000,
      description: 'Maximum number of connections to the server.',
      default: '10',
    },
  ],
} as const;

/**
 * Registers the backend for `postgres://USER:PASSWORD@HOST/DATABASE`, for an embedded database in a folder (`pglite:PATH`)
 * and in memory (`pglite::memory:`).
 */
export const postgresBackend: BackendDefinition = {
  name: BACKEND_NAME,
  schemes: [
    {
      ...server,
      prefix: 'postgres://',
      example: 'postgres://USER:PASSWORD@HOST/DATABASE',
      description: 'PostgreSQL server, with pgvector if it is large',
    },
    {
      ...server,
      prefix: 'postgresql://',
      example: 'postgresql://USER:PASSWORD@HOST/DATABASE',
      description: 'the same',
    },
    {
      prefix: 'pglite::memory:',
      location: 'memory',
      example: 'pglite::memory:',
      description: 'embedded PostgreSQL in memory, gone when closed',
    },
    {
      prefix: 'pglite:',
      location: 'path',
      example: 'pglite:documents.pg',
      description: 'embedded PostgreSQL in a folder',
    },
  ],
  options: [
    {
      name: 'schema',
      type: 'string',
      description: 'Schema that contains the tables; a database may hold several stores.',
      default: 'switchyard',
    },
    {
      name: 'busyTimeoutMs',
      type: 'integer',
      min: 0,
      max: 2_147_483_647,
      description: 'Maximum time that a write waits for another one, in milliseconds.',
      default: '30000',
    },
    {
      name: 'pgvector',
      type: 'boolean',
      description: 'Uses pgvector in a new store where the server has it.',
      default: 'true',
    },
  ],
  create: createBackend,
};

function createBackend(connection: Connection, { mustExist }: CreateOptions = {}): PostgresBackend {
  const { location, options, redacted, credentials } = connection;
  const secrets = secretsOf(connection);
  const common = {
    schema: options.schema as string | undefined,
    busyTimeoutMs: options.busyTimeoutMs as number | undefined,
    pgvector: options.pgvector as boolean | undefined,
    mustExist,
    location: redacted,
    redact: (text: string) => secrets.reduce((shown, secret) => secret.redact(shown), text),
  };
  switch (location.type) {
    case 'server': {
      const sslmode = options.sslmode as ServerOptions['sslmode'];
      const connections = options.connections as number | undefined;
      const database = serverDatabase({ url: location.url, credentials, sslmode, connections });
      return new PostgresBackend({ ...common, database, capabilities: capabilitiesOf('server') });
    }
    case 'memory':
      return new PostgresBackend({
        ...common,
        database: embeddedDatabase(null),
        capabilities: capabilitiesOf('memory'),
      });
    case 'file': {
      const database = embeddedDatabase(location.path);
      return new PostgresBackend({ ...common, database, capabilities: capabilitiesOf('folder') });
    }
    default:
      throw new TypeError(`The ${BACKEND_NAME} backend has no ${location.type}.`);
  }
}
