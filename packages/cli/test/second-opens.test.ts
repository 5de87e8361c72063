import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { libsqlModule } from '@switchyard/backend-libsql/module';
import { sqliteVecModule } from '@switchyard/backend-sqlite-vec/module'; // @legacy
import { createContainer } from '@switchyard/storage-container';
import { afterEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from './support/temp.js';

const program = join(import.meta.dirname, 'support/second-opens.mjs');
const folder = temporaryFolder();
const modules = [
  libsqlModule,
  sqliteVecModule, // @legacy
];
const container = createContainer({ modules, env: {} });
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
    ['legacy', 'sqlite-vec:'], // @legacy
    ['own-driver', 'sqlite-vec:'], // @legacy
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
