import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestStore, type StorageBackend } from '@switchyard/storage-core';
import type { LogChange, LogKey } from '@switchyard/storage-core/backend';
import type { GateLimits } from '@switchyard/storage-rollout';
import { DEMOTION_CHANNEL, RolloutBackend, type RolloutOptions } from '@switchyard/storage-rollout/backend';
import type { Side } from '@switchyard/storage-rollout/machine';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { interposed, unreachable } from './support/interposed.js';
import { page } from './support/pages.js';
import {
  boots,
  confirmed,
  fileStores,
  type MakeStores,
  memoryStores,
  openGates,
  rolloutAt,
} from './support/rollout.js';
import { logOf } from './support/stores.js';

const opened: { close(): Promise<void> }[] = [];
const folders: string[] = [];

afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function files(): MakeStores {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-rollout-'));
  folders.push(folder);
  return fileStores(folder);
}

const version = { library: 'a', version: '1' };
const pageKey = (url: string): LogKey => ({ kind: 'page', version: '1', url });

/** Opens a rollout in `dualwrite` with a library of three pages, and another one. */
async function openWith(make: MakeStores, more: Partial<RolloutOptions> = {}): Promise<RolloutBackend> {
  const create = await rolloutAt('dualwrite', make, { comparisons: { noiseEvery: 0 }, ...more });
  const backend = create();
  opened.push(backend);
  await backend.open();
  await backend.vectors.reconcile({ model: 'test:two', dimension: 2, metric: 'l2' }, 'refuse');
  for (const [index, text] of ['one', 'two and', 'three and more'].entries())
    await backend.apply([page('a', `/${index}`, text)]);
  await backend.apply([page('b', '/0', 'other')]);
  await backend.settle();
  return backend;
}

/** Puts a state on the new side that the old one never had, as a fault of a drain would. */
async function plant(make: MakeStores, key: LogKey, change: (of: LogChange) => LogChange): Promise<void> {
  const { old, new: other } = make();
  await old.open();
  await other.open();
  const since = await logOf(old).takePosition('a');
  if (!('position' in since)) throw new Error('There is no position.');
  const { position } = since;
  const read = await logOf(old).readPage('a', key, position);
  if (!('change' in read)) throw new Error('There is no such row.');
  const planted = { ...change(read.change), position };
  const put = { library: 'a', change: planted, epoch: position.epoch, source: 'backfill' } as const;
  expect(await logOf(other).putIfNewer(put)).toMatchObject({ applied: true });
  await old.close();
  await other.close();
}

/** Changes the first chunk of a page. */
const withChunk =
  (chunk: object) =>
  (of: LogChange): LogChange => {
    if (of.row?.kind !== 'page') throw new TypeError('A page was expected.');
    const [first, ...rest] = of.row.page.chunks;
    const chunks = [{ ...first, ...chunk } as typeof first & object, ...rest];
    return { ...of, row: { kind: 'page', page: { ...of.row.page, chunks } } };
  };

/** A copy of a page under another URL and other ids. */
function asExtraPage(of: LogChange): LogChange {
  if (of.row?.kind !== 'page') throw new TypeError('A page was expected.');
  const { page: record, chunks } = of.row.page;
  const copy = {
    page: { ...record, id: record.id + 1000, url: '/extra' },
    chunks: chunks.map((chunk) => ({ ...chunk, id: chunk.id + 1000 })),
  };
  return { ...of, key: pageKey('/extra'), row: { kind: 'page', page: copy } };
}

describe.each([
  ['in memory', memoryStores],
  ['on two files', files],
] as const)('verify() %s', (_title, stores) => {
  it('finds equal stores equal, with a digest of each library and store', async () => {
    const backend = await openWith(stores());
    const report = await backend.verify();
    // Library, version and pages.
    expect(report.libraries.map(({ library, compared }) => [library, compared])).toEqual([
      ['a', 5],
      ['b', 3],
    ]);
    expect(report).toMatchObject({ differing: 0, undecided: 0 });
    expect(report.digests.old).toBe(report.digests.new);
    for (const { digests } of report.libraries) expect(digests.old).toBe(digests.new);
    expect((await backend.status()).verification).toEqual(report);
  });

  it.each<[string, LogKey, (of: LogChange) => LogChange, Side | null, LogKey?]>([
    ['another text', pageKey('/0'), withChunk({ content: 'another zebra' }), null],
    ['another vector', pageKey('/1'), withChunk({ vector: Float32Array.of(1, 1e-7) }), null],
    ['a page that is missing', pageKey('/1'), (of) => ({ ...of, row: null, parents: [] }), 'new'],
    [
      'another column of a version',
      { kind: 'version', version: '1' },
      (of) =>
        of.row?.kind === 'version'
          ? { ...of, row: { kind: 'version', version: { ...of.row.version, progressPages: 7 } } }
          : of,
      null,
    ],
    ['a page that should not be there', pageKey('/0'), asExtraPage, 'old', pageKey('/extra')],
  ])(
    'finds %s, names the row, closes the gate, and repairs it',
    async (_kind, from, change, missingOn, of) => {
      const key = of ?? from;
      const make = stores();
      const backend = await openWith(make);
      await backend.promote();
      // So that there is a later position than those of the backfill.
      await backend.apply([page('b', '/1', 'later')]);
      await backend.settle();
      await backend.close();
      await plant(make, from, change);
      await backend.open();
      const { libraries, differing, digests } = await backend.verify();
      expect(differing).toBe(1);
      expect(libraries[0]?.rows).toEqual([{ key, missingOn }]);
      expect(digests.old).not.toBe(digests.new);
      await expect(backend.promote()).rejects.toMatchObject({
        code: 'STORAGE_CONSTRAINT',
        details: { reason: 'gate', stage: 'shadow', missing: 'digests-equal' },
      });
      expect((await backend.control()).stage).toBe('shadow');

      const repaired = await backend.verify({ repair: true });
      expect(repaired).toMatchObject({ differing: 0, repaired: 1 });
      expect(repaired.digests.old).toBe(repaired.digests.new);
      expect((await backend.promote()).stage).toBe('live');
      await backend.close();
      await expectEqualStores(make);
    },
  );
});

async function expectEqualStores(make: MakeStores): Promise<void> {
  const { old, new: other } = make();
  await old.open();
  await other.open();
  expect((await digestStore(other)).versions).toEqual((await digestStore(old)).versions);
  expect(await other.catalog.versions({ library: 'a' })).toEqual(
    await old.catalog.versions({ library: 'a' }),
  );
  await old.close();
  await other.close();
}

describe('verify()', () => {
  /** Runs something before each reading of a row by the verification. */
  function readingRows(make: MakeStores, before: (key: LogKey) => Promise<unknown>): MakeStores {
    return () => {
      const stores = make();
      const old = interposed(stores.old, async (path, [, key]) => {
        if (path === 'changeLog.readPage') await before(key as LogKey);
      });
      return { old, new: stores.new };
    };
  }

  it('leaves a row undecided that is written each time it is looked at, and no other', async () => {
    let writes = 0;
    let isOn = false;
    let backend: RolloutBackend | null = null;
    const make = readingRows(memoryStores(), async (key) => {
      if (isOn && key.kind === 'page' && key.url === '/1') {
        await backend?.apply([page('a', '/1', `text ${writes++}`)]);
      }
    });
    backend = await openWith(make);
    isOn = true;
    const report = await backend.verify();
    isOn = false;
    expect(writes).toBeGreaterThan(1);
    expect(report).toMatchObject({ differing: 0, undecided: 1 });
    expect(await backend.verify()).toMatchObject({ differing: 0, undecided: 0 });
  });

  it('takes no row for different that was written and delivered between two readings', async () => {
    let isOn = false;
    let backend: RolloutBackend | null = null;
    const stores = memoryStores();
    const make: MakeStores = () => {
      const made = stores();
      const other = interposed(made.new, async (path) => {
        if (!isOn || path !== 'catalog.page') return;
        isOn = false;
        await backend?.apply([page('a', '/0', 'written in between')]);
        await backend?.settle();
      });
      return { old: made.old, new: other };
    };
    backend = await openWith(make);
    isOn = true;
    expect(await backend.verify()).toMatchObject({ differing: 0, undecided: 0 });
    expect(isOn).toBe(false);
  });

  it.each(['off', 'complete'] as const)(
    'is refused in %s, where only one store is written',
    async (stage) => {
      const backend = await openWith(memoryStores());
      if (stage === 'off') await backend.demote('off');
      while ((await backend.control()).stage !== stage) {
        const isLive = (await backend.control()).stage === 'live';
        for (const library of isLive ? ['a', 'b'] : []) await backend.move(library, 'new');
        await backend.promote(confirmed());
      }
      await expect(backend.verify()).rejects.toMatchObject({
        code: 'STORAGE_CONSTRAINT',
        details: { reason: 'not-permitted' },
      });
    },
  );
});

/** Stores whose new side may answer vector searches with a hit too few. */
class Diverging {
  isWrong = false;
  readonly make: MakeStores;

  constructor() {
    const stores = memoryStores();
    this.make = () => {
      const { old, new: other } = stores();
      const original = other.vectors;
      const nearest: StorageBackend['vectors']['nearest'] = async (query, options) => {
        const hits = await original.nearest(query, options);
        return this.isWrong ? hits.slice(1) : hits;
      };
      Object.defineProperty(other, 'vectors', { value: { ...original, nearest } });
      return { old, new: other };
    };
  }
}

const limits: Partial<GateLimits> = {
  ...openGates.limits,
  comparisons: 6,
  comparisonsOfVersion: 3,
  decidedShare: 0.5,
  mismatchRate: 0.6,
};

let asked = 0;

/** Asks questions that differ, and waits until they were compared. */
async function search(backend: RolloutBackend, count: number, of = version): Promise<void> {
  const compared = async () =>
    (await backend.status()).comparisons.versions.reduce((sum, { comparisons }) => sum + comparisons, 0);
  const before = await compared();
  for (let step = 0; step < count; step++) await ask(backend, of);
  await vi.waitFor(async () => expect(await compared()).toBe(before + count));
}

async function ask(backend: RolloutBackend, of = version): Promise<number> {
  const vector = Float32Array.of(1, asked++);
  return (await backend.vectors.nearest({ version: of, vector, limit: 2, mode: 'exact' })).length;
}

async function missingOf(backend: RolloutBackend): Promise<string> {
  const error: { details?: { missing?: string } } = await backend.promote().then(
    () => ({}),
    (reason: object) => reason,
  );
  return error.details?.missing ?? '';
}

describe('the gate', () => {
  it('of shadow and live wants enough comparisons of each stage, and names what is missing', async () => {
    const backend = await openWith(memoryStores(), { gates: { durability: 'full', limits } });
    expect((await backend.promote()).stage).toBe('shadow');
    const everything = 'comparisons, comparisons-of-versions, decided, agreement, latency';
    expect(await missingOf(backend)).toBe(everything);
    await search(backend, 6);
    expect(await missingOf(backend)).toBe('');
    expect(await backend.control()).toMatchObject({ stage: 'live', latched: false });
    for (const library of ['a', 'b']) await backend.move(library, 'new');
    expect(await missingOf(backend)).toBe(everything);
    await search(backend, 6);
    expect((await backend.judge()).conditions.filter(({ passed }) => !passed)).toEqual([]);
    expect((await backend.promote()).stage).toBe('rampdown');
    expect(await missingOf(backend)).toBe('confirmed, backup');
    const backupAt = Date.now();
    expect((await backend.promote({ confirmed: true, backupAt })).stage).toBe('complete');
  });

  it('wants a comparison of each version that is large enough, also of one that nobody asked', async () => {
    const gates = { durability: 'full', limits: { ...limits, comparisonsOfVersion: 1 } } as const;
    const backend = await openWith(memoryStores(), { gates });
    await backend.promote();
    await search(backend, 6);
    expect(await missingOf(backend)).toBe('comparisons-of-versions');
    await search(backend, 1, { library: 'b', version: '1' });
    expect(await missingOf(backend)).toBe('');
  });

  it('stays closed for a mismatch rate that may be too high, without durability, and in a short time', async () => {
    const diverging = new Diverging();
    const gates = { limits: { ...limits, windowMs: 60_000 } };
    const backend = await openWith(diverging.make, { gates });
    await backend.promote();
    diverging.isWrong = true;
    await search(backend, 3);
    diverging.isWrong = false;
    await search(backend, 3);
    expect(await missingOf(backend)).toBe('comparisons, agreement, durability');
    const { details } = await backend.promote().then(Object, (error: { details: object }) => error);
    expect(details).toMatchObject({ reason: 'gate', agreement: expect.stringContaining('3 mismatches') });
  });

  it('of dualwrite stands open to nobody else: another process may have changed the stage', async () => {
    const make = memoryStores();
    const backend = await openWith(make);
    const { revision } = await backend.control();
    await Promise.allSettled([backend.promote(), backend.promote()]);
    // Of two promotions at once, the second one was judged for a stage that is gone.
    expect((await backend.control()).revision).toBe(revision + 1);
  });
});

describe('an automatic demotion', () => {
  it('turns reads back to the old side, moves nothing, and holds until a promotion', async () => {
    const diverging = new Diverging();
    const gates = { durability: 'full', limits } as const;
    const backend = await openWith(diverging.make, { gates });
    await backend.promote();
    await search(backend, 6);
    await backend.promote();
    await backend.move('a', 'new');
    await search(backend, 1);
    const published: unknown[] = [];
    const listen = (message: unknown) => published.push(message);
    subscribe(DEMOTION_CHANNEL, listen);
    diverging.isWrong = true;
    await vi.waitFor(async () => {
      await ask(backend);
      expect(await backend.control()).toMatchObject({ stage: 'shadow', latched: true });
    });
    unsubscribe(DEMOTION_CHANNEL, listen);
    const { demotion } = await backend.status();
    expect(published).toEqual([demotion]);
    expect(demotion?.rate).toBeGreaterThan(0.6);
    expect(await backend.holder('a')).toBe('new');
    // The old side answers for a library that is clean.
    await backend.settle();
    expect(await ask(backend)).toBe(2);

    diverging.isWrong = false;
    expect(await missingOf(backend)).toContain('agreement');
    expect(await backend.control()).toMatchObject({ latched: true });
    await search(backend, 12);
    expect(await backend.promote()).toMatchObject({ stage: 'live', latched: false });
    expect(await backend.holder('a')).toBe('new');
    expect((await backend.audit()).map(({ move }) => move.kind)).toContain('latch');
  });

  it('does not follow from a few mismatches that a rate below the limit explains', async () => {
    const diverging = new Diverging();
    const backend = await openWith(diverging.make, { gates: { durability: 'full', limits } });
    await backend.promote();
    await search(backend, 6);
    await backend.promote();
    await backend.move('a', 'new');
    await search(backend, 6);
    diverging.isWrong = true;
    await search(backend, 3);
    diverging.isWrong = false;
    await search(backend, 3);
    expect((await backend.status()).comparisons.versions[0]).toMatchObject({ mismatches: 3 });
    expect(await backend.control()).toMatchObject({ stage: 'live', latched: false });
  });
});

describe('evidence', () => {
  it('outlives the process that gathered it, in the stage for which it was gathered', async () => {
    const make = memoryStores();
    const gates = { durability: 'full', limits } as const;
    const backend = await openWith(make, { gates });
    await backend.promote();
    await search(backend, 4);
    await backend.close();
    await backend.open();
    expect(await missingOf(backend)).toContain('comparisons');
    await search(backend, 2);
    await backend.close();
    const read: string[] = [];
    const asked = interposed(make().old, (path) => read.push(path));
    const other = new RolloutBackend({ old: asked, new: make().new, boots, gates });
    opened.push(other);
    await other.open();
    expect((await other.promote()).stage).toBe('live');
    // The verification of another process is young enough.
    expect(read).not.toContain('changeLog.readPage');
    for (const library of ['a', 'b']) await other.move(library, 'new');
    expect(await missingOf(other)).toContain('comparisons');
  });

  it('of a verification ends where an epoch does: nothing is logged in off', async () => {
    const backend = await openWith(memoryStores());
    await backend.promote();
    const { verification: before } = await backend.status();
    await backend.demote('off');
    await backend.apply([page('a', '/unlogged', 'text')]);
    await backend.promote();
    await backend.promote();
    const { verification } = await backend.status();
    expect(verification).not.toBe(before);
    expect(verification).toMatchObject({ differing: 0 });
    // Library, version and four pages.
    expect(verification?.libraries[0]?.compared).toBe(6);
  });
});

describe('the audit log', () => {
  it('has each move with its reason and evidence, in both stores', async () => {
    const make = memoryStores();
    let isDown = false;
    const failing: MakeStores = () => {
      const stores = make();
      const other = interposed(stores.new, (path) => {
        if (isDown && path !== 'close') throw unreachable();
      });
      return { old: stores.old, new: other };
    };
    const backend = await openWith(failing);
    await backend.promote({ reason: 'The backfill is done.' });
    await backend.promote();
    await backend.move('a', 'new', { reason: 'The first library.' });
    await backend.move('a', 'new');
    await backend.demote('shadow', { reason: 'Enough for today.' });
    await expect(backend.move('a', 'new')).rejects.toMatchObject({ code: 'STORAGE_CONSTRAINT' });
    isDown = true;
    await backend.demote('dualwrite', { reason: 'The new store is down.' });
    const entries = await backend.audit();
    expect(entries.map(({ move, reason }) => [move.kind, move.to, reason])).toEqual([
      ['promote', 'shadow', 'The backfill is done.'],
      ['promote', 'live', null],
      ['move', 'new', 'The first library.'],
      ['move', 'old', 'Enough for today.'],
      ['demote', 'shadow', 'Enough for today.'],
      ['demote', 'dualwrite', 'The new store is down.'],
    ]);
    expect(entries[0]?.move).toEqual({ kind: 'promote', from: 'dualwrite', to: 'shadow', revision: 2 });
    expect(entries[0]?.evidence).toContainEqual(
      expect.objectContaining({ name: 'digests-equal', passed: true }),
    );
    expect(entries[2]?.move).toMatchObject({ library: 'a', epoch: 2 });
    isDown = false;
    await backend.close();
    await backend.open();
    await backend.close();
    const { old, new: other } = make();
    await old.open();
    await other.open();
    const notes = await logOf(old).notes('audit');
    expect(notes).toHaveLength(entries.length);
    expect(await logOf(other).notes('audit')).toEqual(notes);
    await old.close();
    await other.close();
  });
});
