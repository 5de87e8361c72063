import type { Credentials } from '@switchyard/storage-core';
import type pg from 'pg';
import { createPool, type Database } from './database.js';

/** Address of a server and how to connect to it. */
export interface ServerOptions {
  /** URL without credentials and options, such as `postgres://db.example.org/docs`. */
  readonly url: string;
  /** User and password. Default: those of the environment, as `psql` reads them. */
  readonly credentials?: Credentials | undefined;
  /** `require` encrypts, `verify` also checks the certificate. Default `disable`. */
  readonly sslmode?: 'disable' | 'require' | 'verify' | undefined;
  /** Maximum number of connections. Default 10. */
  readonly connections?: number | undefined;
}

/** Longest wait for a connection, so that a server that does not answer is noticed. */
const CONNECT_TIMEOUT_MS = 15_000;
const KEEP_ALIVE_MS = 10_000;

/** Returns a database on a server. */
export function serverDatabase(options: ServerOptions): Database {
  let pool: pg.Pool | null = null;
  return {
    isEmbedded: false,
    async pool() {
      pool ??= createPool(poolConfig(options));
      return pool;
    },
    async close() {
      const closing = pool;
      pool = null;
      await closing?.end();
    },
  };
}

function poolConfig({
  url,
  credentials,
  sslmode = 'disable',
  connections = 10,
}: ServerOptions): pg.PoolConfig {
  const { hostname, port, pathname } = new URL(url);
  return {
    host: decodeURIComponent(hostname).replace(/^\[(.*)\]$/, '$1'),
    ...(port === '' ? {} : { port: Number(port) }),
    ...(pathname.length > 1 ? { database: decodeURIComponent(pathname.slice(1)) } : {}),
    ...(credentials === undefined ? {} : { user: credentials.user }),
    ...(credentials?.password == null ? {} : { password: credentials.password.reveal() }),
    ssl: sslmode === 'disable' ? false : { rejectUnauthorized: sslmode === 'verify' },
    max: connections,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true, // so that a server that vanished is noticed
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    application_name: 'switchyard',
  };
}
