import { type SqldOptions, type SqldServer, startSqld } from '@switchyard/sqld';
import { afterAll } from 'vitest';
import { type HranaRequest, sendHrana } from '../../../../tests/support/sqld.js';

export { describeWithSqld } from '../../../../tests/support/sqld.js';

/** A server of {@link serverPool}. */
export interface PooledServer {
  readonly url: string;
  /** Empties it for the next test. */
  giveBack(): Promise<void>;
}

/** Servers for many tests, each of which gets an empty one of its own for a while. Stopped after the last test. */
export function serverPool(options: SqldOptions = {}, token?: string): { take(): Promise<PooledServer> } {
  const free: SqldServer[] = [];
  const started: SqldServer[] = [];
  afterAll(async () => {
    await Promise.all(started.map((server) => server.stop()));
  });
  return {
    async take() {
      let server = free.pop();
      if (server === undefined) {
        server = await startSqld(options);
        started.push(server);
      }
      const taken = server;
      return {
        url: taken.url,
        async giveBack() {
          await dropEverything(taken.url, token);
          free.push(taken);
        },
      };
    },
  };
}

/**
 * Servers for many tests that cannot share one, each used for one test. The next one starts while a test runs, since the
 * test would otherwise wait a tenth of a second for it. Stopped after the last test at the latest.
 */
export function freshServers(options: SqldOptions = {}): { take(): Promise<SqldServer> } {
  let next: Promise<SqldServer> | null = null;
  afterAll(async () => {
    await (await next)?.stop();
  });
  return {
    async take() {
      const server = await (next ?? startSqld(options));
      next = startSqld(options);
      next.catch(() => undefined); // reported to the test that takes it
      return server;
    },
  };
}

/** Drops what is in the database of a server, in one transaction and two requests. */
async function dropEverything(url: string, token: string | undefined): Promise<void> {
  const names = await query(url, OWN_TABLES, token);
  if (names.length === 0) return;
  const drops = names.map(([type, name]) => `DROP ${type} IF EXISTS "${name}";`);
  await send(url, { type: 'sequence', sql: `BEGIN;\n${drops.join('\n')}\nCOMMIT;` }, token);
}

/** Views first; what FTS5 and the engine keep for themselves goes with what it belongs to. */
const OWN_TABLES = `
  SELECT type, name
  FROM sqlite_master
  WHERE type IN ('table', 'view')
    AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
    AND name NOT LIKE 'libsql\\_%' ESCAPE '\\'
    AND name NOT LIKE 'documents\\_fts\\_%' ESCAPE '\\'
  ORDER BY type DESC, rowid DESC`;

/** Runs one statement over Hrana 2, without the binding. @throws Error with the message of the server. */
export async function query(url: string, sql: string, token?: string): Promise<unknown[][]> {
  return send(url, { type: 'execute', stmt: { sql } }, token);
}

async function send(url: string, request: HranaRequest, token?: string): Promise<unknown[][]> {
  const { rows, error } = await sendHrana(url, request, token);
  if (error !== null) throw new Error(`${error} in ${JSON.stringify(request)}`);
  return rows;
}
