import {
  type Comparison,
  checkThresholds,
  compareStores,
  findingsOf,
  type PairResult,
  verdictOf,
} from '@switchyard/storage-compare';
import {
  type DocumentStore,
  digestStore,
  StorageError,
  DocumentStore as Store,
  verifyStores,
} from '@switchyard/storage-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { copyOf, makeQueries, makeStore } from './support/documents.js';
import { plantedFaults, withFts } from './support/faults.js';

const quick = { repeat: 1, warmUp: 2, resamples: 50 };

let store: DocumentStore;
beforeAll(async () => {
  store = await makeStore();
});

const named = (name: string, of: Parameters<typeof compareStores>[0][number]['store']) => ({
  name,
  location: `test:${name}`,
  store: of,
});

describe('two stores with the same content', () => {
  let comparison: Comparison;
  beforeAll(async () => {
    const stores = [named('A', store), named('B', await copyOf(store)), named('C', await copyOf(store))];
    comparison = await compareStores(stores, makeQueries(3), { ...quick, repeat: 2 });
  });

  it('are identical in every query, and so is a third', () => {
    for (const pair of comparison.pairs) {
      expect(pair).toMatchObject({ different: 0, overlap: 1, tieAwareOverlap: 1, scoreDifference: 0 });
      expect(pair.relations.identical).toBe(20);
      expect(pair.rankBiasedOverlap).toBeCloseTo(1, 12);
      expect(findingsOf(comparison, pair).map(({ kind }) => kind)).toEqual(['same']);
    }
  });

  it('have the digests that verifying them gives, and recall 1', async () => {
    const { digests } = await verifyStores(store.backend, store.backend);
    expect(comparison.stores.map(({ digest }) => digest)).toEqual([digests.a, digests.a, digests.a]);
    expect((await digestStore(store.backend)).digest).toBe(digests.a);
    for (const { recall } of comparison.stores)
      expect(recall).toMatchObject({ mean: 1, p5: 1, worst: 1, queries: 20 });
  });

  it('have a latency for each repetition, with intervals that hold the estimate', () => {
    for (const { latency } of comparison.stores) {
      expect(latency?.searches).toBe(40);
      for (const { value, low, high } of [latency?.p50, latency?.p95, latency?.p99].flatMap(
        (one) => one ?? [],
      )) {
        expect(low).toBeLessThanOrEqual(value);
        expect(high).toBeGreaterThanOrEqual(value);
      }
    }
  });

  it('say where and with what they were compared', () => {
    expect(comparison.environment).toMatchObject({ node: process.version, cores: expect.any(Number) });
    expect(comparison.settings).toMatchObject({ seed: 1, repeat: 2, warmUp: 2 });
    expect(comparison.stores[0]?.versions).toMatchObject([
      { library: 'guide', version: '1.0.0', chunks: 180 },
    ]);
  });

  it('are summarized by intent', () => {
    const [pair] = comparison.pairs as [PairResult];
    expect(pair.intents).toMatchObject([
      { intent: 'look-up', queries: 10, overlap: { value: 1 } },
      { intent: 'troubleshooting', queries: 10 },
    ]);
  });
});

describe.each(plantedFaults)('the fault $name', ({ plant, says }) => {
  it('makes real differences, and the findings name it', async () => {
    const stores = [named('A', store), named('B', await plant(store))];
    const comparison = await compareStores(stores, makeQueries(2), quick);
    const [pair] = comparison.pairs as [PairResult];
    expect(pair.different).toBeGreaterThan(0);
    expect(
      findingsOf(comparison, pair)
        .map(({ text }) => text)
        .join('\n'),
    ).toMatch(says);
    expect(checkThresholds(comparison, { maxDifferent: 0 })).toMatchObject([{ passed: false, store: 'B' }]);
  });
});

describe('rounding', () => {
  /** The store, with distances that another order of additions would give. */
  function rounded(by: (distance: number, chunkId: number) => number) {
    const { backend } = store;
    const nearest: typeof backend.vectors.nearest = async (query, options) => {
      const hits = await backend.vectors.nearest({ ...query, limit: query.limit + 50 }, options);
      return hits
        .map(({ chunkId, distance }) => ({ chunkId, distance: by(distance, chunkId) }))
        .sort((a, b) => a.distance - b.distance || a.chunkId - b.chunkId)
        .slice(0, query.limit);
    };
    const vectors = new Proxy(backend.vectors, {
      get: (target, name) => (name === 'nearest' ? nearest : Reflect.get(target, name).bind(target)),
    });
    return new Proxy(backend, {
      get: (target, name) => {
        if (name === 'vectors') return vectors;
        if (name === 'capabilities') return { ...target.capabilities, candidates: false };
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  }
  const compareWith = async (by: (distance: number, chunkId: number) => number) => {
    // Distances in steps make many ties, which rounding then breaks.
    const stepped = (distance: number) => Math.round(distance * 2) / 2;
    const a = await Store.open({ backend: rounded(stepped) });
    const b = await Store.open({ backend: rounded((distance, id) => by(stepped(distance), id)) });
    const comparison = await compareStores([named('A', a), named('B', b)], makeQueries(2), {
      ...quick,
      readStores: false,
    });
    return comparison.pairs[0] as PairResult;
  };

  it('that changes the order is a near tie, and the tie-aware overlap stays 1', async () => {
    const pair = await compareWith((distance, id) => distance * (1 + ((id * 7919) % 13) * 2e-8));
    expect(pair.relations['near-tie']).toBeGreaterThan(5);
    expect(pair).toMatchObject({ different: 0, tieAwareOverlap: 1 });
    expect(pair.overlap).toBeLessThan(1);
  });

  it('is no reason for other scores, even if the order stays', async () => {
    const scaled = await withFts(await copyOf(store), async (fts, query) =>
      (await fts.match(query)).map(({ chunkId, score }) => ({ chunkId, score: score * 1.001 })),
    );
    const words = makeQueries(2).map((query) => ({ ...query, vectors: [null, null] }));
    const whole = await Store.open({ backend: store.backend });
    const { pairs } = await compareStores([named('A', whole), named('B', scaled)], words, quick);
    expect(pairs[0]).toMatchObject({ different: 20, overlap: 1, relations: { scores: 20 } });
  });

  it('is told apart from differences a hundred times as large', async () => {
    const pair = await compareWith((distance, id) => distance * (1 + ((id * 7919) % 13) * 2e-5));
    expect(pair.different).toBeGreaterThan(5);
    expect(pair.relations['near-tie']).toBe(0);
  });
});

describe('a store that fails', () => {
  it('has its errors counted, and the others are compared', async () => {
    const failing = {
      backend: store.backend,
      profile: store.profile,
      search: async (...request: Parameters<DocumentStore['search']>) => {
        if (request[2].includes('logger'))
          throw new StorageError('STORAGE_BUSY', 'Another process is writing.');
        return store.search(...request);
      },
    };
    const comparison = await compareStores([named('A', store), named('B', failing)], makeQueries(2), quick);
    expect(comparison.stores.map(({ errors }) => errors)).toEqual([0, 2]);
    expect(comparison.pairs[0]).toMatchObject({ different: 2, relations: { error: 2, identical: 18 } });
    expect(comparison.pairs[0]?.latencyRatio).not.toBeNull();
    expect(checkThresholds(comparison, { maxErrors: 1, minOverlap: 1 }).map(({ passed }) => passed)).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe('queries that find nothing', () => {
  const nowhere = makeQueries(2).map((query) => ({ ...query, library: 'gide' }));
  const pairOf = async (queries: typeof nowhere) => {
    const stores = [named('A', store), named('B', await copyOf(store))];
    return compareStores(stores, queries, quick);
  };

  it('are told, and prove nothing', async () => {
    const comparison = await pairOf(nowhere);
    const [pair] = comparison.pairs as [PairResult];
    expect(verdictOf(comparison, pair)).toMatchObject({
      kind: 'difference',
      text: expect.stringContaining('nothing was compared'),
    });
    const checks = checkThresholds(comparison, { minOverlap: 1, maxDifferent: 0 });
    expect(checks.map(({ value, passed }) => [value, passed])).toEqual([
      [null, false],
      [null, false],
    ]);
  });

  it('are counted among others', async () => {
    const comparison = await pairOf([...nowhere.slice(0, 3), ...makeQueries(2)]);
    const [pair] = comparison.pairs as [PairResult];
    expect(verdictOf(comparison, pair).kind).toBe('same');
    expect(findingsOf(comparison, pair)).toMatchObject([
      { kind: 'note', text: 'For 3 queries, no store finds anything.' },
    ]);
  });
});

describe('thresholds', () => {
  it('fail when what they limit was not measured', async () => {
    const stores = [named('A', store), named('B', await copyOf(store))];
    const comparison = await compareStores(stores, makeQueries(2), { ...quick, readStores: false });
    expect(comparison.stores[0]?.versions).toMatchObject([{ library: 'guide', chunks: 180, digest: null }]);
    expect(checkThresholds(comparison, { minRecall: 0.5 })).toMatchObject([
      { value: null, passed: false },
      { value: null, passed: false },
    ]);
    expect(
      checkThresholds(comparison, { minOverlap: 1, maxDifferent: 0 }).every(({ passed }) => passed),
    ).toBe(true);
  });
});

it.each([
  [{ repeat: 0 }, /repeat/],
  [{ persistence: 1 }, /persistence/],
  [{ tieTolerance: -1 }, /tieTolerance/],
])('the options %j are refused', async (options, message) => {
  const stores = [named('A', store), named('B', store)];
  await expect(compareStores(stores, makeQueries(2), options)).rejects.toThrow(message);
});

it.each([
  ['a single store', () => compareStores([named('A', store)], makeQueries(1)), /at least two/],
  [
    'two stores of one name',
    () => compareStores([named('A', store), named('A', store)], makeQueries(2)),
    /distinct/,
  ],
  ['no queries', () => compareStores([named('A', store), named('B', store)], []), /queries/],
  [
    'a vector too few',
    () => compareStores([named('A', store), named('B', store)], makeQueries(1)),
    /vectors/,
  ],
])('%s is refused', async (_name, run, message) => {
  await expect(run()).rejects.toThrow(message);
});
