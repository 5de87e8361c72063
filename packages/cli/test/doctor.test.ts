import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createJwtKeys, findSqld, type SqldServer, sqldHint, startProxy, startSqld } from '@switchyard/sqld';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { switchyard } from './support/command.js';
import { temporaryFolder } from './support/temp.js';

const folder = temporaryFolder();

interface Diagnosis {
  readonly healthy: boolean;
  readonly checks: readonly { name: string; ok: boolean; finding: string; advice?: string }[];
  readonly roundTripMs?: number;
  readonly engine?: { name: string };
  readonly schema?: { state: string };
  readonly error?: { code: string };
}

/** Runs `doctor --json`. */
async function doctor(store: string, env: Record<string, string> = {}, ...more: string[]) {
  const { code, stdout, stderr } = await switchyard(['doctor', store, '--json', ...more], { env });
  const diagnosis = stdout === '' ? null : (JSON.parse(stdout) as Diagnosis);
  return { code, diagnosis, output: stdout + stderr };
}

describe('switchyard doctor', () => {
  it('says that nothing is at a path, and creates nothing there', async () => {
    const file = join(folder, 'nothing.db');
    const { code, diagnosis } = await doctor(file);
    expect(code).toBe(1);
    expect(diagnosis?.checks).toMatchObject([{ name: 'address', ok: false }]);
    expect((await doctor(file)).diagnosis?.error?.code).toBe('STORAGE_NOT_FOUND');
  });

  it('says that a file is no store', async () => {
    const file = join(folder, 'notes.txt');
    writeFileSync(file, 'not a database at all');
    const { code, diagnosis } = await doctor(file);
    expect(code).toBe(1);
    expect(diagnosis?.checks).toMatchObject([{ name: 'schema', ok: false }]);
  });

  it('says that no server answers', async () => {
    const { code, diagnosis } = await doctor('http://127.0.0.1:1');
    expect(code).toBe(1);
    expect(diagnosis?.error?.code).toBe('STORAGE_UNREACHABLE');
    expect(diagnosis?.checks[0]?.advice).toContain('server runs');
  });

  it('ends with 2 when the connection string is not understood', async () => {
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

  it('finds an empty database in order, and leaves it empty', async () => {
    for (let i = 0; i < 2; i++) {
      const { code, diagnosis } = await doctor(server.url, { LIBSQL_AUTH_TOKEN: keys.token() });
      expect(code).toBe(0);
      expect(diagnosis).toMatchObject({ healthy: true, schema: { state: 'empty' } });
      expect(diagnosis?.roundTripMs).toBeGreaterThan(0);
    }
  });

  it('says that the token is wrong, missing or expired, and does not repeat it', async () => {
    const expired = keys.token({ expiresIn: -3_600 });
    for (const env of [{}, { LIBSQL_AUTH_TOKEN: 'wrong' }, { LIBSQL_AUTH_TOKEN: expired }]) {
      const { code, diagnosis, output } = await doctor(server.url, env);
      expect(code).toBe(1);
      expect(diagnosis?.error?.code).toBe('STORAGE_UNAUTHORIZED');
      expect(output).not.toContain(expired);
    }
  });

  it('says that the path on the server is wrong', async () => {
    const { diagnosis } = await doctor(`${server.url}/no/such/place`, { LIBSQL_AUTH_TOKEN: keys.token() });
    expect(diagnosis?.error?.code).toBe('STORAGE_NOT_FOUND');
  });

  it('says that a server does not answer in time', async () => {
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
