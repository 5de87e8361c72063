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

/** Runs one statement over Hrana 2, without the binding. @throws Error with what the server said. */
export async function query(url: string, sql: string, token?: string): Promise<unknown[][]> {
  const result = await send(url, { type: 'execute', stmt: { sql } }, token);
  return (result?.rows ?? []).map((row) => row.map((cell) => cell.value ?? null));
}

interface HranaResult {
  readonly rows?: { value?: unknown }[][];
}

async function send(url: string, request: object, token?: string): Promise<HranaResult | undefined> {
  const response = await fetch(`${url}/v2/pipeline`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      connection: 'close',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ requests: [request, { type: 'close' }] }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  const { results } = JSON.parse(text) as {
    results: { error?: { message: string }; response?: { result?: HranaResult } }[];
  };
  const [first] = results;
  if (first?.error !== undefined) throw new Error(`${first.error.message} in ${JSON.stringify(request)}`);
  return first?.response?.result;
}
