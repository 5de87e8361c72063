import {
  DocumentStore,
  deadlineIn,
  isStorageError,
  type Rerank,
  type RerankedHit,
} from '@switchyard/storage-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { MemoryBackend } from '../src/memory/index.js';

async function filled(rerank?: Rerank): Promise<DocumentStore> {
  const store = await DocumentStore.open({ backend: new MemoryBackend(), rerank });
  await store.addPage('fastify', '5', {
    url: '/a',
    chunks: Array.from({ length: 30 }, (_, i) => ({
      content: `zebra ${'and '.repeat(i)}`,
      metadata: { types: ['text'], level: 0, path: [] },
    })),
  });
  return store;
}

describe('a reranker', () => {
  let store: DocumentStore;
  beforeAll(async () => {
    store = await filled();
  });
  const search = (rerank: Rerank, limit = 3) => store.search('fastify', '5', 'zebra', { rerank, limit });

  it('may change scores, and the limit is applied to its order', async () => {
    const hits = await search((_, found) => found.map((hit, i) => ({ ...hit, score: i })).reverse());
    expect(hits.map(({ score }) => score)).toEqual([11, 10, 9]);
    expect(hits[0]?.content).toContain('zebra');
  });

  it('may return ids only, and may leave out all', async () => {
    const ids = await search((_, found) => found.slice(-2).map(({ id }) => ({ id })));
    expect(ids.map(({ ftsRank }) => ftsRank)).toEqual([11, 12]);
    expect(await search(() => [])).toEqual([]);
  });

  it.each([
    ['no array', () => 'hits'],
    ['undefined', () => undefined],
    ['no hits', () => [null]],
    ['unknown hits', () => [{ id: '987654' }]],
    ['a hit twice', (hits: readonly RerankedHit[]) => [hits[0], hits[0]]],
    ['a score that is not finite', (hits: readonly RerankedHit[]) => [{ ...hits[0], score: Number.NaN }]],
  ])('that returns %s is a TypeError', async (_, answer) => {
    const rerank = ((__, hits) => answer(hits)) as Rerank;
    await expect(search(rerank)).rejects.toThrow(TypeError);
    await expect(search(rerank)).rejects.toThrow(/rerank/);
  });

  it('that fails is a StorageError with the cause, and without its message', async () => {
    const cause = new Error('key sk-secret was refused');
    for (const rerank of [
      () => Promise.reject(cause),
      () => {
        throw cause;
      },
    ] as Rerank[]) {
      const error = await search(rerank).catch((failure: unknown) => failure);
      expect(isStorageError(error, 'STORAGE_RERANK_FAILED')).toBe(true);
      expect(error).toMatchObject({ cause, outcome: 'not-applied' });
      expect(String(error)).not.toContain('secret');
    }
  });

  it('that never answers ends with the signal or the deadline, and is told', async () => {
    for (const [code, options] of [
      ['STORAGE_ABORTED', (abort: AbortController) => ({ signal: abort.signal })],
      ['STORAGE_TIMEOUT', () => ({ deadline: deadlineIn(20) })],
    ] as const) {
      const abort = new AbortController();
      let told: AbortSignal | null = null;
      const rerank: Rerank = (_, __, { signal }) => {
        told = signal;
        abort.abort();
        return new Promise(() => undefined);
      };
      const searching = store.search('fastify', '5', 'zebra', { rerank, ...options(abort) });
      await expect(searching).rejects.toMatchObject({ code });
      expect((told as AbortSignal | null)?.aborted).toBe(true);
    }
  });

  it('of the store is used by every search that does not say otherwise', async () => {
    const reversing = await filled((_, hits) => hits.toReversed());
    const plain = (await store.search('fastify', '5', 'zebra', { limit: 12 })).map(({ id }) => id);
    const ids = async (options: { rerank?: null; rerankFrom?: number }) =>
      (await reversing.search('fastify', '5', 'zebra', { limit: 3, ...options })).map(({ id }) => id);
    expect(await ids({})).toEqual(plain.toReversed().slice(0, 3));
    expect(await ids({ rerankFrom: 4 })).toEqual(plain.slice(0, 4).toReversed().slice(0, 3));
    expect(await ids({ rerank: null })).toEqual(plain.slice(0, 3));
  });

  it('that is not a function is a TypeError before anything is opened or searched', async () => {
    const rerank = 'cohere' as unknown as Rerank;
    await expect(search(rerank)).rejects.toThrow(TypeError);
    await expect(DocumentStore.open({ backend: new MemoryBackend(), rerank })).rejects.toThrow(/rerank/);
    await expect(store.search('fastify', '5', 'zebra', { rerankFrom: 0 })).rejects.toThrow(/rerankFrom/);
  });
});
