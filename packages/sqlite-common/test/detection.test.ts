import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { detectStoreKind } from '@switchyard/sqlite-common';
import Database from 'libsql';
import { afterAll, describe, expect, it } from 'vitest';
import { until } from '../../../tests/support/processes.js';

const folder = mkdtempSync(join(tmpdir(), 'switchyard-detection-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function database(name: string, sql: string): string {
  const path = join(folder, name);
  const connection = new Database(path);
  connection.exec(sql);
  connection.close();
  return path;
}

const legacy = database(
  'legacy.db',
  `CREATE TABLE _schema_migrations (id TEXT PRIMARY KEY); CREATE TABLE documents (id INTEGER PRIMARY KEY);
   INSERT INTO _schema_migrations VALUES ('000-a.sql'), ('012-b.sql'), ('notes')`,
);
const store = database(
  'store.db',
  `CREATE TABLE switchyard_meta (key TEXT PRIMARY KEY, value TEXT);
   INSERT INTO switchyard_meta VALUES ('schema_level', '1')`,
);
const foreign = database('foreign.db', 'CREATE TABLE accounts (id)');

const detect = (path: string) => detectStoreKind(path, { backend: 'test', mustExist: false });

describe('detectStoreKind', () => {
  it.each([
    ['a legacy store', legacy, { kind: 'legacy', level: 12 }],
    ['a libSQL store', store, { kind: 'switchyard-libsql', level: 1 }],
    ['another database', foreign, { kind: 'foreign', level: null }],
    ['nothing', join(folder, 'nothing'), { kind: 'absent', level: null }],
  ])('recognizes %s', async (_, path, expected) => {
    expect(await detect(path)).toMatchObject({ ...expected, hotJournal: false });
  });

  it('answers concurrent requests, each with its own result', async () => {
    const paths = Array.from({ length: 60 }, (_, number) => [legacy, store, foreign][number % 3] ?? '');
    const kinds = await Promise.all(paths.map(async (path) => (await detect(path)).kind));
    expect(kinds).toEqual(
      paths.map((path) => ({ [legacy]: 'legacy', [store]: 'switchyard-libsql' })[path] ?? 'foreign'),
    );
  });

  it('distinguishes a store during a write from one that can be read', async () => {
    const path = join(folder, 'hot.db');
    writeFileSync(path, readFileSync(legacy));
    writeFileSync(`${path}-journal`, Buffer.alloc(512, 1));
    expect(await detect(path)).toEqual({ kind: 'legacy', level: null, hotJournal: true });
    writeFileSync(`${path}-journal`, Buffer.alloc(512));
    expect(await detect(path)).toEqual({ kind: 'legacy', level: 12, hotJournal: false });
  });

  it('leaves only a database whose creation was interrupted by a power failure to SQLite', async () => {
    const path = join(folder, 'begun.db');
    writeFileSync(path, Buffer.alloc(4096));
    await expect(detect(path)).rejects.toMatchObject({ code: 'STORAGE_SCHEMA_UNSUPPORTED' });
    writeFileSync(`${path}-journal`, Buffer.alloc(512, 1));
    expect(await detect(path)).toEqual({ kind: 'unknown', level: null, hotJournal: true });
    writeFileSync(path, 'notes of a person');
    await expect(detect(path)).rejects.toMatchObject({ code: 'STORAGE_SCHEMA_UNSUPPORTED' });
  });

  it.skipIf(process.platform === 'win32')(
    'sees the log and the journal of what a link leads to',
    async () => {
      const target = join(folder, 'behind.db');
      writeFileSync(target, readFileSync(legacy));
      writeFileSync(`${target}-journal`, Buffer.alloc(512, 1));
      const link = join(folder, 'link.db');
      symlinkSync(target, link);
      expect(await detect(link)).toMatchObject({ hotJournal: true });
    },
  );
});

const script = (rest: string) => `
  import { detectStoreKind } from '@switchyard/sqlite-common';
  import { readFileSync } from 'node:fs';
  const kind = async () => (await detectStoreKind(process.argv[1], { backend: 'test', mustExist: true })).kind;
  const child = () => Number(readFileSync('/proc/self/task/' + process.pid + '/children', 'utf8').trim());
  const first = await kind();
  ${rest}`;
const run = (rest: string, env: NodeJS.ProcessEnv = process.env) =>
  spawnSync(process.execPath, ['--input-type=module', '-e', script(rest), legacy], {
    encoding: 'utf8',
    cwd: import.meta.dirname,
    timeout: 30_000,
    env,
  });

describe('the process that reads files', () => {
  it('does not keep its parent process alive', () => {
    const { status, stdout } = run('console.log(first);');
    expect([status, stdout.trim()]).toEqual([0, 'legacy']);
  });

  it.skipIf(process.platform !== 'linux')('gets no secrets, and is replaced when something kills it', () => {
    const { stdout, stderr } = run(
      `const before = child();
       const environment = readFileSync('/proc/' + before + '/environ', 'utf8');
       process.kill(before, 'SIGKILL');
       console.log(await kind(), child() !== before, environment.includes('hush'));`,
      { ...process.env, LIBSQL_AUTH_TOKEN: 'hush', OPENAI_API_KEY: 'hush' },
    );
    expect([stdout.trim(), stderr]).toEqual(['legacy true false', '']);
  });

  it.skipIf(process.platform !== 'linux')('ends when the process that asked it is killed', async () => {
    const asker = spawn(
      process.execPath,
      ['--input-type=module', '-e', script('console.log(child()); setInterval(() => {}, 1000);'), legacy],
      { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const [data] = (await once(asker.stdout, 'data')) as [Buffer];
    const pid = Number(data.toString().trim());
    asker.kill('SIGKILL');
    await until(() => !isRunning(pid));
  });
});

/** A process that ended and that nobody has asked for yet (Z) does not count. */
function isRunning(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
