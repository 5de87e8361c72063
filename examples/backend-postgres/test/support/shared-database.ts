import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import postgresBackend, {
  capabilitiesOf,
  type Database,
  embeddedPool,
  PostgresBackend,
  serverDatabase,
} from '@switchyard/example-backend-postgres';
import type { CreatedStore } from '@switchyard/storage-conformance';
import { parseConnectionString } from '@switchyard/storage-core';
import type pg from 'pg';

/** One database for many stores, each in a schema of its own: it takes seconds to start one. */
export interface SharedDatabase {
  readonly pool: pg.Pool;
  readonly isEmbedded: boolean;
  readonly stop: () => Promise<void>;
}

/** Starts an embedded database in memory. */
export async function startEmbedded(): Promise<SharedDatabase> {
  const pglite = await PGlite.create({ extensions: { vector } });
  const pool = embeddedPool(pglite);
  const stop = async () => {
    await pool.end();
    await pglite.close();
  };
  return { pool, isEmbedded: true, stop };
}

/**
 * Connects to the server that `SWITCHYARD_POSTGRES_URL` names; without it, to an embedded database behind a socket, which
 * has one connection.
 */
export async function connectToServer(): Promise<SharedDatabase> {
  const { SWITCHYARD_POSTGRES_URL: url } = process.env;
  return url === undefined ? connectToSocket() : connectTo(url);
}

async function connectTo(connectionString: string): Promise<SharedDatabase> {
  const { location, credentials } = parseConnectionString(connectionString, { backends: [postgresBackend] });
  if (location.type !== 'server') throw new Error('SWITCHYARD_POSTGRES_URL must name a server.');
  const database = serverDatabase({ url: location.url, credentials });
  return { pool: await poolOf(database), isEmbedded: false, stop: () => database.close() };
}

async function connectToSocket(): Promise<SharedDatabase> {
  const pglite = await PGlite.create({ extensions: { vector } });
  const socket = new PGLiteSocketServer({ db: pglite, host: '127.0.0.1', port: 0 });
  await socket.start();
  const url = `postgres://${socket.getServerConn()}/postgres`;
  const database = serverDatabase({ url, credentials: { user: 'postgres', password: null }, connections: 1 });
  const stop = async () => {
    await database.close();
    await socket.stop();
    await pglite.close();
  };
  return { pool: await poolOf(database), isEmbedded: false, stop };
}

async function poolOf(database: Database): Promise<pg.Pool> {
  const pool = await database.pool(true);
  if (pool === null) throw new Error('There is no pool.');
  return pool;
}

let schemas = 0;
/** Schemas that were dropped. Connections keep prepared statements by their text, which has the name of the schema. */
const free: string[] = [];

/** Creates a store in an empty schema, which `cleanup` drops. */
export function createStore({ pool, isEmbedded }: SharedDatabase, { pgvector = true } = {}): CreatedStore {
  // A name that has to be quoted.
  const schema = free.pop() ?? `Test "${++schemas}" ${process.pid}`;
  const database: Database = { isEmbedded, pool: async () => pool, close: async () => undefined };
  const capabilities = capabilitiesOf('server');
  const make = () => new PostgresBackend({ database, capabilities, schema, pgvector });
  const quoted = `"${schema.replaceAll('"', '""')}"`;
  return {
    backend: make(),
    reopen: make,
    fingerprint: () => contentOf(pool, quoted),
    cleanup: async () => {
      await pool.query(`DROP SCHEMA IF EXISTS ${quoted} CASCADE`);
      free.push(schema);
    },
  };
}

/** Returns the names of all tables and indexes of a schema, and the rows of the tables. */
async function contentOf(pool: pg.Pool, quoted: string): Promise<unknown> {
  const { rows: relations } = await pool.query<{ name: string; kind: string }>(
    'SELECT relname AS name, relkind AS kind FROM pg_class WHERE relnamespace = to_regnamespace($1) ORDER BY 1',
    [quoted],
  );
  const content: unknown[] = [relations];
  for (const { name } of relations.filter(({ kind }) => kind === 'r')) {
    const { rows } = await pool.query(`SELECT t::text AS row FROM ${quoted}."${name}" AS t ORDER BY 1`);
    content.push(rows);
  }
  return content;
}
