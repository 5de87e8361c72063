import type { StorageBackend } from '@switchyard/storage-core';
import type { ComparedAnswer, Position, Question } from '@switchyard/storage-rollout';
import { Comparisons, classify, mismatchClasses } from '@switchyard/storage-rollout';
import type { RolloutBackend } from '@switchyard/storage-rollout/backend';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { interposed, unreachable } from './support/interposed.js';
import { page } from './support/pages.js';
import { type MakeStores, memoryStores, rolloutAt } from './support/rollout.js';

const at = (sequence: number): readonly Position[] => [{ epoch: 1, sequence }];
const hits = (...ids: number[]): ComparedAnswer => ({
  kind: 'hits',
  hits: ids.map((chunkId) => ({ chunkId, score: chunkId })),
});

/** A question that both sides answer alike, at one position. */
function question(more: Partial<Question> = {}): Question {
  return {
    library: 'a',
    version: '1',
    key: 'question',
    limit: 5,
    side: 'old',
    ask: async () => hits(1, 2),
    positions: async () => at(3),
    ...more,
  };
}

const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

function comparisons(options: ConstructorParameters<typeof Comparisons>[0] = {}): Comparisons {
  const made = new Comparisons({ noiseEvery: 0, ...options });
  open.push(made);
  return made;
}

async function idle(of: Comparisons): Promise<void> {
  await vi.waitFor(() => expect(of.report().waiting).toBe(0));
}

describe('comparisons in the background', () => {
  it('count agreements and mismatches by version and class, and keep no text', async () => {
    const all = comparisons();
    all.offer(question());
    const ask: Question['ask'] = async (side) => (side === 'old' ? hits(1, 2) : hits(2, 3));
    all.offer(question({ key: 'text of a query', version: '2', ask }));
    await idle(all);
    const [one, two] = all.report().versions;
    expect(one).toMatchObject({ version: '1', comparisons: 1, decided: 1, mismatches: 0 });
    expect(two).toMatchObject({ version: '2', decided: 1, mismatches: 1, classes: { missing: 1, extra: 1 } });
    expect(JSON.stringify(all.report())).not.toContain('text of a query');
  });

  it('count a question once, a mismatch of it whenever it comes', async () => {
    const all = comparisons();
    for (let time = 0; time < 3; time++) all.offer(question());
    await idle(all);
    expect(all.report().versions[0]).toMatchObject({ comparisons: 1, decided: 1, mismatches: 0 });
    all.offer(question({ ask: async (side) => (side === 'old' ? hits(1) : hits(2)) }));
    await idle(all);
    expect(all.report().versions[0]).toMatchObject({ comparisons: 1, decided: 1, mismatches: 1 });
  });

  it('decide only between equal positions of both sides, before and after, and ask again until they are', async () => {
    const readings: (readonly Position[] | null)[][] = [
      [at(3), at(4), at(3), at(3)],
      [at(3), at(3), at(3), null],
      [at(3), at(3), at(4), at(4)],
      [at(3), [], at(3), at(3)],
    ];
    for (const reading of readings) {
      const all = comparisons({ attempts: 1 });
      const next = [...reading];
      const positions: Question['positions'] = async () => next.shift() ?? null;
      const ask: Question['ask'] = async (side) => (side === 'old' ? hits(1) : hits(2));
      all.offer(question({ positions, ask }));
      await idle(all);
      expect(all.report().versions[0]).toMatchObject({ comparisons: 1, decided: 0, mismatches: 0 });
    }
    const again = comparisons({ attempts: 3 });
    let asked = 0;
    again.offer(question({ positions: async () => at(Math.min(6, asked++)) }));
    await idle(again);
    expect(again.report().versions[0]).toMatchObject({ comparisons: 1, decided: 1, mismatches: 0 });
  });

  it('shed what a full queue cannot take, at once', async () => {
    const all = comparisons({ queueMax: 2 });
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const ask: Question['ask'] = async () => {
      await held;
      return hits(1);
    };
    for (let count = 0; count < 6; count++) all.offer(question({ key: `${count}`, ask }));
    expect(all.report()).toMatchObject({ waiting: 3, shed: { full: 3, paused: 0 } });
    release();
    await idle(all);
    expect(all.report().versions[0]).toMatchObject({ comparisons: 3, decided: 3 });
  });

  it('end at their deadline where a side does not answer, and pause after failures in a row', async () => {
    const all = comparisons({ deadlineMs: 5, failuresMax: 2, pauseMs: 60_000 });
    const ask: Question['ask'] = () => new Promise(() => undefined);
    for (let count = 0; count < 4; count++) all.offer(question({ key: `${count}`, ask }));
    await idle(all);
    expect(all.report()).toMatchObject({ failed: 2, shed: { paused: 2 }, versions: [] });
    all.offer(question());
    expect(all.report()).toMatchObject({ waiting: 0, shed: { paused: 3 } });
  });

  it('measure the noise of the side that answers, which is asked twice now and then', async () => {
    const all = comparisons({ noiseEvery: 2 });
    let count = 0;
    const ask: Question['ask'] = async (side) => (side === 'old' ? hits(count++) : hits(0));
    for (let time = 0; time < 4; time++) all.offer(question({ key: `${time}`, ask }));
    await idle(all);
    expect(all.report().noise[0]).toMatchObject({ comparisons: 2, decided: 2, mismatches: 2 });
  });

  it('leave what runs when they are closed', async () => {
    const all = new Comparisons({ noiseEvery: 0 });
    all.offer(question({ ask: () => new Promise(() => undefined) }));
    all.offer(question());
    await all.close();
    all.offer(question());
    expect(all.report()).toMatchObject({ waiting: 0, failed: 0, versions: [] });
  });
});

/** Stores whose new side answers vector searches in another way. */
function diverging(change: (hits: readonly { chunkId: number; distance: number }[]) => unknown): MakeStores {
  const make = memoryStores();
  return () => {
    const { old, new: other } = make();
    const original = other.vectors;
    const vectors: StorageBackend['vectors'] = {
      ...original,
      nearest: async (query, options) => change(await original.nearest(query, options)) as never,
    };
    Object.defineProperty(other, 'vectors', { value: vectors });
    return { old, new: other };
  };
}

async function openAt(stage: 'shadow' | 'live', make: MakeStores): Promise<RolloutBackend> {
  const create = await rolloutAt('dualwrite', make, { comparisons: { noiseEvery: 0 } });
  const backend = create();
  open.push(backend);
  await backend.open();
  await backend.vectors.reconcile({ model: 'test:two', dimension: 2, metric: 'l2' }, 'refuse');
  for (const [index, text] of ['one', 'two and', 'three and more'].entries())
    await backend.apply([page('a', `/${index}`, text)]);
  await backend.promote();
  if (stage === 'live') await backend.promote();
  return backend;
}

const version = { library: 'a', version: '1' };

async function search(backend: RolloutBackend, count: number): Promise<void> {
  const before = (await backend.status()).comparisons;
  const seen = (of: typeof before) =>
    of.failed + of.shed.full + of.versions.reduce((sum, { comparisons: made }) => sum + made, 0);
  for (let step = 1; step <= count; step++) {
    const vector = Float32Array.of(1, step);
    expect(await backend.vectors.nearest({ version, vector, limit: 2, mode: 'exact' })).toHaveLength(2);
  }
  await vi.waitFor(async () => expect(seen((await backend.status()).comparisons)).toBe(seen(before) + count));
}

describe('searches of the traffic', () => {
  it.each(['shadow', 'live'] as const)('are compared in %s, and agree', async (stage) => {
    const backend = await openAt(stage, memoryStores());
    await search(backend, 4);
    await backend.fts.match({ version, terms: ['zebra'], limit: 3 });
    await vi.waitFor(async () => {
      const [found] = (await backend.status()).comparisons.versions;
      expect(found).toMatchObject({ library: 'a', version: '1', comparisons: 5, decided: 5, mismatches: 0 });
    });
  });

  it.each<[string, (typeof mismatchClasses)[number], Parameters<typeof diverging>[0]]>([
    ['a chunk that is missing', 'missing', (found) => found.slice(1)],
    ['a chunk that should not be there', 'extra', ([first]) => [first, { chunkId: 99, distance: 0 }]],
    ['another distance', 'score', (found) => found.map((hit) => ({ ...hit, distance: hit.distance + 1 }))],
  ])('find %s', async (_title, name, change) => {
    const backend = await openAt('shadow', diverging(change));
    await search(backend, 3);
    const [found] = (await backend.status()).comparisons.versions;
    expect(found).toMatchObject({ decided: 3, mismatches: 3 });
    expect(found?.classes[name]).toBe(3);
  });

  it('are undecided while the library is dirty, whatever they find', async () => {
    let isDown = false;
    const make = diverging((found) => found.slice(1));
    const failing: MakeStores = () => {
      const stores = make();
      const other = interposed(stores.new, (path) => {
        if (isDown && path === 'changeLog.putIfNewer') throw unreachable();
      });
      return { old: stores.old, new: other };
    };
    const backend = await openAt('shadow', failing);
    isDown = true;
    await backend.apply([page('a', '/dirty', 'dirty')]);
    await search(backend, 2);
    const [found] = (await backend.status()).comparisons.versions;
    expect(found).toMatchObject({ comparisons: 2, decided: 0, mismatches: 0 });
  });

  it('never wait for the other side, nor fail with it', async () => {
    let hangs = false;
    const make = memoryStores();
    const hanging: MakeStores = () => {
      const stores = make();
      const other = interposed(stores.new, async (path) => {
        if (hangs && path === 'vectors.nearest') await new Promise(() => undefined);
      });
      return { old: stores.old, new: other };
    };
    const backend = await openAt('shadow', hanging);
    hangs = true;
    for (let step = 0; step < 5; step++) {
      const vector = Float32Array.of(1, step);
      await backend.vectors.nearest({ version, vector, limit: 2, mode: 'exact' });
    }
    await backend.close();
  });
});

it('classify() is what the comparisons use', () => {
  expect(classify({ positions: [null], old: hits(1), new: hits(1), limit: 1 })).toEqual({
    kind: 'undecided',
  });
  expect(mismatchClasses).toContain('missing');
});
