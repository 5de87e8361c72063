import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LibsqlBackend } from '@switchyard/backend-libsql';
import { createJwtKeys, findSqld, type SqldServer, sqldHint, startProxy, startSqld } from '@switchyard/sqld';
import { DocumentStore } from '@switchyard/storage-core';
import Database from 'libsql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { switchyard, switchyardJson } from './support/command.js';
import { put, temporaryFolder } from './support/temp.js';

const folder = temporaryFolder();

/** A folder with a page of documentation. */
function docs(): string {
  const path = join(folder, 'docs');
  put(path, 'a.md', '# A\n\nText.\n');
  return path;
}

interface Diagnosis {
  readonly healthy: boolean;
  readonly checks: readonly { name: string; ok: boolean; finding: string; advice?: string }[];
  readonly roundTripMs?: number;
  readonly engine?: { name: string; version: string };
  readonly server?: string;
  readonly capabilities?: object;
  readonly replication?: { primary: string; frame: number; syncedAt: string; secondsBehind: number };
  readonly schema?: { state: string };
  readonly error?: { code: string; message: string };
}

/** Runs `doctor --json`. */
async function doctor(store: string, env: Record<string, string> = {}, ...more: string[]) {
  const { code, stdout, stderr } = await switchyard(['doctor', store, '--json', ...more], { env });
  const diagnosis = stdout === '' ? null : (JSON.parse(stdout) as Diagnosis);
  return { code, diagnosis, output: stdout + stderr };
}

describe('switchyard doctor', () => {
  it('reports a missing file, and does not create it', async () => {
    const file = join(folder, 'nothing.db');
    const { code, diagnosis } = await doctor(file);
    expect(code).toBe(1);
    expect(diagnosis?.checks).toMatchObject([{ name: 'address', ok: false }]);
    expect((await doctor(file)).diagnosis?.error?.code).toBe('STORAGE_NOT_FOUND');
  });

  it('reports a file that is not a store', async () => {
    const file = join(folder, 'notes.txt');
    writeFileSync(file, 'not a database at all');
    const { code, diagnosis } = await doctor(file);
    expect(code).toBe(1);
    expect(diagnosis?.checks).toMatchObject([{ name: 'schema', ok: false }]);
  });

  it('reports an unreachable server', async () => {
    const { code, diagnosis } = await doctor('http://127.0.0.1:1');
    expect(code).toBe(1);
    expect(diagnosis?.error?.code).toBe('STORAGE_UNREACHABLE');
    expect(diagnosis?.checks[0]?.advice).toContain('server runs');
  });

  it('reports a store of the other backend or of newer software', async () => {
    // @legacy-begin
    const legacy = join(folder, 'legacy.db');
    await switchyardJson([
      'index',
      docs(),
      '--library',
      'a',
      '--store',
      `sqlite-vec:${legacy}`,
      '--embedder',
      'none',
    ]);
    const other = await doctor(legacy);
    expect(other.diagnosis?.error?.code).toBe('STORAGE_SCHEMA_UNSUPPORTED');
    expect(other.output).toContain('switchyard convert');
    // @legacy-end
    const newer = join(folder, 'newer.db');
    await switchyardJson(['index', docs(), '--library', 'a', '--store', newer, '--embedder', 'none']);
    const database = new Database(newer);
    database.exec("UPDATE switchyard_meta SET value = '99' WHERE key = 'schema_level'");
    database.close();
    const { code, diagnosis } = await doctor(newer);
    expect(code).toBe(1);
    expect(diagnosis?.checks).toMatchObject([
      { name: 'schema', ok: false, advice: expect.stringContaining('Upgrade') },
    ]);
  });

  it.each([
    ['of other lengths', 3, 'l2', true],
    ['of length 1', 1, 'l2', false],
    ['compared by cosine', 3, 'cosine', false],
  ] as const)('reports vectors %s', async (what, length, metric, isReported) => {
    const file = join(folder, `${what.replaceAll(' ', '-')}.db`);
    const backend = new LibsqlBackend({ location: { type: 'file', path: file } });
    const embedder = {
      model: 'test:lengths',
      dimension: 3,
      available: true,
      limits: { maxTexts: 10, maxCharacters: 1000 },
      embed: async (texts: readonly string[]) => texts.map(() => Float32Array.of(0, length, 0)),
    };
    const store = await DocumentStore.open({ backend, embedder, metric });
    const metadata = { types: ['text'], level: 0, path: [] };
    await store.addPage('lib', '1', { url: 'u', chunks: [{ content: 'zebra', metadata }] });
    await store.close();
    const { code, diagnosis } = await doctor(file);
    expect(code).toBe(0);
    const checks = diagnosis?.checks.filter(({ name }) => name === 'metric');
    expect(checks).toMatchObject(
      isReported ? [{ ok: true, finding: expect.stringMatching(/^1 of 1 /) }] : [],
    );
    const { stdout } = await switchyard(['doctor', file]);
    expect(/metric: 1 of 1 .*\n.*--metric cosine/.test(stdout)).toBe(isReported);
  });

  it('exits with 2 if the connection string is invalid', async () => {
    expect((await doctor('ftp://somewhere')).code).toBe(2);
  });
});

const found = findSqld() !== null;
if (!found && process.env.CI === 'true') throw new Error(`CI runs with a real server. ${sqldHint()}`);

describe.skipIf(!found)(`switchyard doctor on a server${found ? '' : ` (skipped: ${sqldHint()})`}`, () => {
  const keys = createJwtKeys();
  let server: SqldServer;
  beforeAll(async () => {
    server = await startSqld({ jwtPublicKey: keys.publicKey });
  });
  afterAll(() => server.stop());

  it('accepts an empty database, and leaves it empty', async () => {
    for (let i = 0; i < 2; i++) {
      const { code, diagnosis } = await doctor(server.url, { LIBSQL_AUTH_TOKEN: keys.token() });
      expect(code).toBe(0);
      expect(diagnosis).toMatchObject({ healthy: true, schema: { state: 'empty' } });
      expect(diagnosis?.roundTripMs).toBeGreaterThan(0);
    }
  });

  it('reports server, engine, schema and capabilities of a store, and the sync time of a replica', async () => {
    const env = { LIBSQL_AUTH_TOKEN: keys.token() };
    const own = await startSqld({ jwtPublicKey: keys.publicKey });
    try {
      const args = ['index', docs(), '--library', 'a', '--store', own.url, '--embedder', 'none'];
      await switchyardJson(args, { env });
      const file = join(folder, 'replica.db');
      for (const store of [own.url, `file:${file}?syncUrl=${own.url}`]) {
        const { code, diagnosis } = await doctor(store, env);
        expect(code).toBe(0);
        expect(diagnosis).toMatchObject({
          healthy: true,
          server: expect.stringMatching(/^sqld \d/),
          engine: { name: 'libSQL', version: expect.stringMatching(/^SQLite 3/) },
          schema: { state: 'current' },
          capabilities: { persistent: true },
        });
        expect(diagnosis?.roundTripMs).toBeGreaterThan(0);
        if (store === own.url) continue;
        expect(diagnosis?.replication).toMatchObject({ primary: own.url, frame: expect.any(Number) });
        expect(Date.parse(diagnosis?.replication?.syncedAt ?? '')).toBeLessThanOrEqual(Date.now());
      }
      const { stdout } = await switchyard(['doctor', `file:${file}?syncUrl=${own.url}`], { env });
      expect(stdout).toMatch(/last sync.*frame \d+/);
    } finally {
      await own.stop();
    }
  });

  it('reports a foreign database, or a store of newer software', async () => {
    const env = { LIBSQL_AUTH_TOKEN: keys.token() };
    const own = await startSqld({ jwtPublicKey: keys.publicKey });
    const run = async (sql: string) => {
      const response = await fetch(`${own.url}/v2/pipeline`, {
        method: 'POST',
        headers: { authorization: `Bearer ${env.LIBSQL_AUTH_TOKEN}`, 'content-type': 'application/json' },
        body: JSON.stringify({ requests: [{ type: 'execute', stmt: { sql } }, { type: 'close' }] }),
      });
      expect(await response.text()).not.toContain('"type":"error"');
    };
    try {
      await run('CREATE TABLE accounts (id)');
      expect((await doctor(own.url, env)).diagnosis?.error?.code).toBe('STORAGE_SCHEMA_UNSUPPORTED');
      await run('DROP TABLE accounts');
      // As a server shows the file of a legacy store, whose extension it cannot load.
      for (const table of ['_schema_migrations', 'documents']) await run(`CREATE TABLE ${table} (id)`);
      expect((await doctor(own.url, env)).diagnosis?.error).toMatchObject({
        code: 'STORAGE_SCHEMA_UNSUPPORTED',
        message: expect.stringContaining('sqlite-vec'),
      });
      for (const table of ['_schema_migrations', 'documents']) await run(`DROP TABLE ${table}`);
      await switchyardJson(['index', docs(), '--library', 'a', '--store', own.url, '--embedder', 'none'], {
        env,
      });
      await run("UPDATE switchyard_meta SET value = '99' WHERE key = 'schema_level'");
      const { code, diagnosis } = await doctor(own.url, env);
      expect(code).toBe(1);
      expect(diagnosis?.error?.code).toBe('STORAGE_SCHEMA_TOO_NEW');
      expect(diagnosis?.checks).toMatchObject([{ name: 'schema', ok: false }]);
    } finally {
      await own.stop();
    }
  });

  it('reports a wrong, missing or expired token without repeating it', async () => {
    const expired = keys.token({ expiresIn: -3_600 });
    for (const env of [{}, { LIBSQL_AUTH_TOKEN: 'wrong' }, { LIBSQL_AUTH_TOKEN: expired }]) {
      const { code, diagnosis, output } = await doctor(server.url, env);
      expect(code).toBe(1);
      expect(diagnosis?.error?.code).toBe('STORAGE_UNAUTHORIZED');
      expect(output).not.toContain(expired);
    }
  });

  it('reports a wrong path on the server', async () => {
    const { diagnosis } = await doctor(`${server.url}/no/such/place`, { LIBSQL_AUTH_TOKEN: keys.token() });
    expect(diagnosis?.error?.code).toBe('STORAGE_NOT_FOUND');
  });

  it('reports a server that does not respond in time', async () => {
    const proxy = await startProxy(server.url);
    try {
      proxy.behave({ kind: 'blackhole' });
      const { code, diagnosis } = await doctor(proxy.url, {}, '--timeout-ms', '1500');
      expect(code).toBe(1);
      expect(diagnosis?.error?.code).toBe('STORAGE_TIMEOUT');
    } finally {
      await proxy.stop();
    }
  });
});
