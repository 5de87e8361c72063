import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { libsqlModule } from '@switchyard/backend-libsql/module';
import { sqliteVecModule } from '@switchyard/backend-sqlite-vec/module';
import { createContainer } from '@switchyard/storage-container';
import { afterEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from './support/temp.js';

const program = join(import.meta.dirname, 'support/second-opens.mjs');
const folder = temporaryFolder();
const container = createContainer({ modules: [libsqlModule, sqliteVecModule], env: {} });
const addVersion = { kind: 'resolveVersion', library: 'lib', version: '1' } as const;
const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** Starts a step in a separate process, and records the writes it acknowledges. */
function start(step: 'hold' | 'visit', kind: string, file: string, acknowledged: Set<string>) {
  const child = spawn(process.execPath, ['--expose-gc', program, step, kind, file], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  const ended = once(child, 'exit');
  const waiting = new Map<string, () => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('ACK ')) acknowledged.add(line.slice('ACK '.length));
    waiting.get(line)?.();
  });
  const said = (line: string) =>
    Promise.race([
      new Promise<void>((resolve) => waiting.set(line, resolve)),
      ended.then(([code]) => Promise.reject(new Error(`ended with ${code} before it said ${line}`))),
    ]);
  return { child, ended, said };
}

async function present(connection: string): Promise<Set<string>> {
  const backend = container.createBackend(connection);
  await backend.open();
  const libraries = await backend.catalog.libraries();
  const version = await backend.catalog.version({ library: 'lib', version: '1' });
  const pages = version === null ? [] : await backend.catalog.pages({ versionId: version.id });
  await backend.close();
  return new Set([...libraries.map(({ name }) => name), ...pages.map(({ url }) => url)]);
}

describe('a process that has a store open', () => {
  it.each([
    ['libsql', 'file:'],
    ['legacy', 'sqlite-vec:'],
    ['own-driver', 'sqlite-vec:'],
  ])('keeps its writes whatever else accesses the file: %s', async (kind, scheme) => {
    const file = join(folder, `${kind}.db`);
    const empty = container.createBackend(`${scheme}${file}`);
    await empty.open();
    await empty.migrator.migrate(); // creates the tables, which opening does not
    await empty.close();

    const acknowledged = new Set<string>();
    const holder = start('hold', kind, file, acknowledged);
    await holder.said('READY');
    await start('visit', kind, file, acknowledged).ended;
    // A process that believes it is the last user of a file deletes its WAL.
    expect(existsSync(`${file}-wal`)).toBe(true);
    holder.child.stdin?.write('go');
    await holder.said('DONE');
    holder.child.kill('SIGKILL');
    await holder.ended;

    expect(acknowledged.size).toBe(22);
    const found = await present(`${scheme}${file}`);
    expect([...acknowledged].filter((name) => !found.has(name))).toEqual([]);
  });
});

describe('a file that one backend has open', () => {
  it.each([
    ['file:', 'sqlite-vec:', 'libsql'],
    ['sqlite-vec:', 'file:', 'sqlite-vec'],
  ])(
    'is refused to the other one in the same process, even before it is a store: %s then %s',
    async (first, second, name) => {
      const file = join(folder, `${name}-first.db`);
      writeFileSync(file, '');
      const one = container.createBackend(`${first}${file}?migrate=manual`);
      const other = container.createBackend(`${second}${file}`);
      await one.open();
      await expect(other.open()).rejects.toMatchObject({
        code: 'STORAGE_BUSY',
        retryable: false,
        message: expect.stringContaining(`through the ${name} backend`),
      });
      await one.migrator.migrate();
      await expect(other.open()).rejects.toMatchObject({ retryable: false });
      await one.close();
      await expect(other.open()).rejects.toMatchObject({ code: 'STORAGE_SCHEMA_UNSUPPORTED' });
    },
  );

  it.each([
    ['file:', 'sqlite-vec:'],
    ['sqlite-vec:', 'file:'],
  ])('is refused to the other one that was opened before it existed: %s then %s', async (first, second) => {
    const file = join(folder, `absent-${first.length}.db`);
    const one = container.createBackend(`${first}${file}`);
    const other = container.createBackend(`${second}${file}`);
    await one.open();
    await other.open();
    await one.migrator.migrate();
    const refused = { code: 'STORAGE_SCHEMA_UNSUPPORTED', retryable: false };
    await expect(other.catalog.libraries()).rejects.toMatchObject(refused);
    await expect(other.apply([addVersion])).rejects.toMatchObject({ ...refused, outcome: 'not-applied' });
    await other.close();
    expect(await one.catalog.libraries()).toEqual([]);
    await one.close();
  });

  it('is created by one of them only when both write first at the same time', async () => {
    for (const order of [
      ['file:', 'sqlite-vec:'],
      ['sqlite-vec:', 'file:'],
    ] as const) {
      const file = join(folder, `both-${order[0].length}.db`);
      const backends = order.map((scheme) => container.createBackend(`${scheme}${file}`));
      await Promise.all(backends.map((backend) => backend.open()));
      const results = await Promise.allSettled(backends.map((backend) => backend.apply([addVersion])));
      expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      for (const result of results) {
        if (result.status === 'rejected') expect(result.reason).toMatchObject({ outcome: 'not-applied' });
      }
      const winner = backends[results.findIndex(({ status }) => status === 'fulfilled')];
      expect(await winner?.catalog.libraries()).toHaveLength(1);
      await Promise.all(backends.map((backend) => backend.close()));
    }
  });
});
