import { findSqld, type SqldOptions, type SqldServer, sqldHint, startSqld } from '@switchyard/sqld';
import { afterAll, describe } from 'vitest';

/** A group of tests on the real server: skipped visibly without a binary, except in CI, where that is a failure. */
export function describeWithSqld(name: string, body: () => void): void {
  const found = findSqld() !== null;
  if (!found && process.env.CI === 'true') throw new Error(`CI runs with a real server. ${sqldHint()}`);
  describe.skipIf(!found)(found ? name : `${name} (skipped: ${sqldHint()})`, body);
}

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

/** Drops what is in the database of a server. */
async function dropEverything(url: string, token: string | undefined): Promise<void> {
  const names = await query(
    url,
    "SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE 'documents\\_fts\\_%' ESCAPE '\\' AND name NOT LIKE 'libsql\\_%' ESCAPE '\\' AND type IN ('table', 'view') ORDER BY type DESC, rowid DESC",
    token,
  );
  const drops = names.map(([type, name]) => `DROP ${type} IF EXISTS "${name}"`);
  for (const sql of drops) await query(url, sql, token);
}

/** Runs one statement over Hrana 2, without the binding. @throws Error with what the server said. */
export async function query(url: string, sql: string, token?: string): Promise<unknown[][]> {
  const response = await fetch(`${url}/v2/pipeline`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      connection: 'close',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ requests: [{ type: 'execute', stmt: { sql } }, { type: 'close' }] }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  const { results } = JSON.parse(text) as {
    results: {
      error?: { message: string };
      response?: { result?: { rows: { value?: unknown }[][] } };
    }[];
  };
  const [first] = results;
  if (first?.error !== undefined) throw new Error(`${first.error.message} in ${sql}`);
  return (first?.response?.result?.rows ?? []).map((row) => row.map((cell) => cell.value ?? null));
}
