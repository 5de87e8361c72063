import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Mutation, StorageBackend } from '@switchyard/storage-core';
import { afterAll, describe, expect, it } from 'vitest';
import { createBackend } from '../soak/dist/content/open-store.js';
import { makePage, replaceWith, SOAK_MODEL } from '../soak/dist/content/pages.js';
import { applied, candidates, type Ledger, type Operation } from '../soak/dist/crash/ledger.js';
import { verifyStore } from '../soak/dist/crash/verify.js';
import { createRandom } from '../soak/dist/harness/random.js';
import { StateFile } from '../soak/dist/harness/state-file.js';
import { Player } from '../soak/dist/power/cuts.js';
import { Disk } from '../soak/dist/power/disk.js';
import type { DiskEvent } from '../soak/dist/power/events.js';
import { readTrace } from '../soak/dist/power/trace.js';

const folder = mkdtempSync(join(tmpdir(), 'switchyard-soak-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the verification of a store', () => {
  const version = { library: 'alpha', version: '1.0.0' };
  const [key, url, dimension] = ['key', 'https://example.org/a', 8];
  const page = makePage(key, url, dimension);
  const ledger: Ledger = { 'alpha@1.0.0': { status: 'not_indexed', pages: { [url]: key } } };

  async function verify(mutations: readonly Mutation[], states: readonly Ledger[] = [ledger]) {
    const backend: StorageBackend = createBackend(':memory:');
    await backend.open();
    try {
      await backend.vectors.reconcile({ model: SOAK_MODEL, dimension, metric: 'l2' }, 'refuse');
      await backend.apply(mutations);
      return await verifyStore(backend, states, dimension, createRandom('verify'));
    } finally {
      await backend.close();
    }
  }
  const write = replaceWith(version, page);
  const without = (index: number): Mutation => ({
    ...write,
    chunks: write.chunks.filter((_, i) => i !== index),
  });

  it('finds no fault in written content', async () => {
    expect(await verify([write])).toMatchObject({ state: 0, faults: [] });
  });

  it('identifies which of several states it is in', async () => {
    expect(await verify([write], candidates({}, [{ kind: 'page', version, url, key }]))).toMatchObject({
      state: 1,
    });
    expect(await verify([], candidates({}, [{ kind: 'page', version, url, key }]))).toMatchObject({
      state: 0,
    });
  });

  it.each<[string, readonly Mutation[], string]>([
    ['a version that is missing', [], 'version alpha@1.0.0 is gone with 1 pages'],
    [
      'a page that is missing',
      [write, { kind: 'deletePages', version }],
      'page https://example.org/a of alpha@1.0.0 is absent and should be key',
    ],
    [
      'a page of another time',
      [replaceWith(version, makePage('before', url, dimension))],
      'page https://example.org/a of alpha@1.0.0 is before and should be key',
    ],
    [
      'a page too many',
      [write, replaceWith(version, makePage('more', 'https://example.org/b', dimension))],
      'page https://example.org/b of alpha@1.0.0 is more and should be absent',
    ],
    [
      'a status',
      [write, { kind: 'setVersionStatus', version, status: 'failed' }],
      'is failed and should be not_indexed',
    ],
    [
      'a chunk that is missing',
      [without(0)],
      `has ${page.chunks.length - 1} chunks of ${page.chunks.length}`,
    ],
    [
      'a chunk of another text',
      [{ ...write, chunks: write.chunks.map((chunk) => ({ ...chunk, content: 'other' })) }],
      'chunk 0 of https://example.org/a has another text',
    ],
    [
      'a vector of another text',
      [
        {
          ...write,
          chunks: write.chunks.map((chunk) => ({ ...chunk, vector: new Float32Array(dimension).fill(2) })),
        },
      ],
      'chunk 0 of https://example.org/a has another vector',
    ],
  ])('notices %s', async (_name, mutations, fault) => {
    const { faults } = await verify(mutations);
    expect(faults.join('\n')).toContain(fault);
  });
});

describe('the ledger', () => {
  const version = { library: 'a', version: '' };
  const operation: Operation = [
    { kind: 'page', version, url: 'x', key: '1' },
    { kind: 'page', version, url: 'y', key: '2' },
  ];

  it('returns every state between the beginning and the end of an operation', () => {
    expect(candidates({}, operation).map((state) => Object.keys(state['a@']?.pages ?? {}))).toEqual([
      [],
      ['x'],
      ['x', 'y'],
    ]);
  });

  it('removes deleted pages', () => {
    const full = applied({}, operation);
    expect(applied(full, [{ kind: 'deletePage', version, url: 'x' }])['a@']?.pages).toEqual({ y: '2' });
    expect(applied(full, [{ kind: 'deletePages', version }])['a@']?.pages).toEqual({});
    expect(applied(full, [{ kind: 'removeVersion', version }])).toEqual({});
  });
});

it('a state file resumes after a line truncated by a kill', () => {
  const path = join(folder, 'state.jsonl');
  new StateFile(path, true).add({ id: 'one' });
  writeFileSync(path, '\n{"id":"tw', { flag: 'a' });
  const resumed = new StateFile(path, false);
  expect([resumed.has('one'), resumed.has('tw')]).toEqual([true, false]);
  resumed.add({ id: 'two' });
  expect(new StateFile(path, false).results.map(({ id }) => id)).toEqual(['one', 'two']);
  expect(new StateFile(path, true).results).toEqual([]);
});

describe('a disk', () => {
  const name = 'store.db-wal';
  const text = (offset: number, data: string): DiskEvent => ({
    kind: 'write',
    name,
    offset,
    data: Buffer.from(data),
  });
  function play(...events: readonly DiskEvent[]): Disk {
    const disk = new Disk();
    for (const [at, event] of events.entries()) disk.apply(event, at);
    return disk;
  }
  const image = (disk: Disk, loss: Parameters<Disk['image']>[0]) =>
    Object.fromEntries(
      [...disk.image(loss, createRandom('disk'))].map(([file, bytes]) => [file, bytes.toString()]),
    );
  const created: readonly DiskEvent[] = [
    { kind: 'create', name },
    text(0, 'one'),
    { kind: 'sync', name, since: 2 },
  ];

  it('keeps synced data, and names once the folder was synced', () => {
    expect(image(play(...created), 'none')).toEqual({});
    const disk = play(...created, { kind: 'sync-folder', since: 3 }, text(3, 'two'));
    expect(image(disk, 'none')).toEqual({ [name]: 'one' });
    expect(image(disk, 'all')).toEqual({ [name]: 'onetwo' });
  });

  it('does not guarantee changes made during a sync', () => {
    const disk = play(...created, { kind: 'sync-folder', since: 3 }, text(3, 'two'), {
      kind: 'sync',
      name,
      since: 4,
    });
    expect(image(disk, 'none')).toEqual({ [name]: 'one' });
  });

  it('may restore a deleted file', () => {
    const disk = play(...created, { kind: 'sync-folder', since: 3 }, { kind: 'unlink', name });
    expect(image(disk, 'none')).toEqual({ [name]: 'one' });
    expect(image(disk, 'all')).toEqual({});
  });

  it('guarantees acknowledged operations once the WAL was synced after them', () => {
    const begin = (key: string): DiskEvent => ({
      kind: 'mark',
      text: `begin ${JSON.stringify([{ kind: 'page', version: { library: 'a', version: '' }, url: 'x', key }])}`,
    });
    const acknowledged: DiskEvent = { kind: 'mark', text: 'acknowledged' };
    const player = new Player([
      ...created,
      begin('1'),
      acknowledged,
      begin('2'),
      acknowledged,
      { kind: 'sync', name, since: 6 },
      begin('3'),
    ]);
    player.playTo(7);
    expect(player.expectation()).toMatchObject({ acknowledged: 2, guaranteed: 0, operations: [0, 1, 2] });
    player.playTo(9);
    expect(player.expectation()).toMatchObject({ acknowledged: 2, guaranteed: 1, operations: [1, 2, 3] });
  });
});

it('a trace is parsed with interleaved calls of several threads', async () => {
  const hex = (value: string) =>
    [...Buffer.from(value)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
  const fd = (path: string) => `7<${hex(path)}>`;
  const path = '/data/store.db-wal';
  const trace = join(folder, 'trace');
  writeFileSync(
    trace,
    [
      `10 openat(AT_FDCWD, "${hex(path)}", O_RDWR|O_CREAT, 0644) = ${fd(path)}`,
      `10 openat(AT_FDCWD, "${hex('/else/where')}", O_RDWR|O_CREAT, 0644) = ${fd('/else/where')}`,
      `10 openat(AT_FDCWD, "${hex('/data/store.db-shm')}", O_RDWR|O_CREAT, 0644) = 9`,
      `10 pwrite64(${fd(path)}, "${hex('abc')}", 3, 0) = 3`,
      `11 fsync(${fd(path)} <unfinished ...>`,
      `10 pwrite64(${fd(path)}, "${hex('de')}", 2, 3 <unfinished ...>`,
      `11 <... fsync resumed>) = 0`,
      `10 <... pwrite64 resumed>) = 2`,
      `10 ftruncate(${fd(path)}, 0) = 0`,
      `10 fsync(${fd('/data')}) = 0`,
      `10 write(${fd('/data/marks')}, "${hex('acknow')}", 6) = 6`,
      `10 write(${fd('/data/marks')}, "${hex('ledged\n')}", 7) = 7`,
      `10 unlink("${hex(path)}") = 0`,
      `10 unlink("${hex('/data/absent')}") = -1 ENOENT (No such file or directory)`,
    ].join('\n'),
  );
  const name = 'store.db-wal';
  expect(await readTrace(trace, '/data')).toEqual([
    { kind: 'create', name },
    { kind: 'write', name, offset: 0, data: Buffer.from('abc') },
    { kind: 'write', name, offset: 3, data: Buffer.from('de') },
    { kind: 'sync', name, since: 2 },
    { kind: 'truncate', name, size: 0 },
    { kind: 'sync-folder', since: 5 },
    { kind: 'mark', text: 'acknowledged' },
    { kind: 'unlink', name },
  ]);
});
