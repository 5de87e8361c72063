import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { VectorCacheReport } from '@switchyard/storage-core';
import { buildSync } from 'esbuild';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { seededRandom } from '../../../tests/support/random.mjs';
import { Reader } from './support/reader.js';
import { openStore, page } from './support/store.js';
import { tempFile } from './support/temp.js';

/** Number of writes of each writer while others search. */
const WRITES = 400;

// In the package, where its imports of other packages are found.
const folder = mkdtempSync(join(import.meta.dirname, '.coherence-'));
const script = join(folder, 'stress-worker.mjs');
buildSync({
  entryPoints: [join(import.meta.dirname, 'support/stress-worker.mjs')],
  outfile: script,
  bundle: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
});

const children: ChildProcess[] = [];

afterAll(() => rmSync(folder, { recursive: true, force: true }));

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

function start(role: 'write' | 'search', file: string, seed: number, writes = 0): ChildProcess {
  const child = spawn(process.execPath, [script, role, file, String(seed), String(writes)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  return child;
}

/** Resolves once a worker has made its first write or search. */
function isAtWork(child: ChildProcess): Promise<unknown> {
  return once(child.stdout as NodeJS.ReadableStream, 'data');
}

/** Returns the last line that a worker printed before it exited successfully. */
async function outcome<T>(child: ChildProcess): Promise<T> {
  let output = '';
  child.stdout?.on('data', (data: Buffer) => {
    output += data.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  expect(code).toBe(0);
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as T;
}

async function emptyStore(): Promise<string> {
  const file = tempFile();
  const store = await openStore(file);
  await store.vectors.reconcile({ model: 'm', dimension: 24, metric: 'cosine' }, 'refuse');
  for (const version of ['1', '2']) await store.apply([page('https://a/0', [], { library: 'l', version })]);
  await store.close();
  return file;
}

describe('several processes', () => {
  it('write and search the same versions: every result equals that of measuring every vector', async () => {
    const file = await emptyStore();
    const searchers = [start('search', file, 1), start('search', file, 2)];
    const reports = Promise.all(
      searchers.map((child) => outcome<VectorCacheReport & { searches: number }>(child)),
    );
    await Promise.all(searchers.map(isAtWork));
    const writers = [start('write', file, 3, WRITES), start('write', file, 4, WRITES)];
    const written = await Promise.all(writers.map((child) => outcome<number>(child)));
    expect(written).toEqual([WRITES, WRITES]);
    for (const { stdin } of searchers) stdin?.end();
    for (const { searches, updates, hits, refusals } of await reports) {
      expect(searches).toBeGreaterThan(20);
      expect(updates).toBeGreaterThan(5);
      expect(hits + updates).toBeGreaterThan(10);
      expect(refusals).toBe(0);
    }
    const store = await openStore(file);
    expect((await store.vectors.audit()).problems).toEqual([]);
  });

  it('may be killed while writing: codes and vectors still agree', async () => {
    const file = await emptyStore();
    const reader = new Reader(file, { canFallBack: false });
    const random = seededRandom();
    for (let round = 0; round < 6; round++) {
      const writer = start('write', file, round, Number.POSITIVE_INFINITY);
      await isAtWork(writer);
      // No event marks the middle of a write: the kill comes at any time during the next ones.
      await setTimeout(random() * 60);
      const closed = once(writer, 'close');
      writer.kill('SIGKILL');
      await closed;
      const store = await openStore(file);
      expect((await store.vectors.audit()).problems).toEqual([]);
      await store.close();
      for (const version of [1, 2]) {
        reader.check(version, Float32Array.from({ length: 24 }, random), 20);
      }
    }
    reader.close();
  });
});
