import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { type SqldServer, startSqld } from '@switchyard/sqld';
import {
  type CacheEvent,
  diagnosticsChannels,
  type Metric,
  type Mutation,
  type StorageBackend,
} from '@switchyard/storage-core';
import type { FusedHit, VectorHit } from '@switchyard/storage-core/backend';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../../tests/support/random.mjs';
import { describeWithSqld } from './support/sqld.js';
import { chunk, fastify, openStore, page } from './support/store.js';

const DIMENSION = 8;
/** More than the vectors below which nothing is held, also without those of unusual length. */
const VECTORS = 1_650;

const next = seededRandom();
const vector = () => Float32Array.from({ length: DIMENSION }, () => next() - 0.5);
const integer = (below: number) => Math.floor(next() * below);
const words = () => ['zebra', 'okapi', 'quagga', 'giraffe'][integer(4)] ?? '';

/** Some vectors of length 0, of other lengths, and equal ones. */
function anyVector(): Float32Array {
  const kind = integer(12);
  if (kind === 0) return new Float32Array(DIMENSION);
  if (kind === 1) return vector().map((component) => component * 1e-12);
  return kind < 5 ? vector().map((component) => Math.round(component * 2)) : vector();
}

const anyPage = (number: number, chunks: number) =>
  page(
    `https://a/${number}`,
    Array.from({ length: chunks }, () =>
      chunk(`${words()} ${words()} ${integer(50)}`, { vector: anyVector() }),
    ),
  );

/** Resolves when vectors were fetched in the background. */
function loaded(): Promise<void> {
  return new Promise((resolve) => {
    const listener = (event: unknown) => {
      const { cache, event: kind } = event as CacheEvent;
      if (cache !== 'vectors' || kind !== 'load') return;
      unsubscribe(diagnosticsChannels.cache, listener);
      resolve();
    };
    subscribe(diagnosticsChannels.cache, listener);
  });
}

/** The server rounds distances to float32; their order is that of the exact ones. */
function expectSameVectors(found: readonly VectorHit[], expected: readonly VectorHit[]): void {
  expect(found.map(({ chunkId }) => chunkId)).toEqual(expected.map(({ chunkId }) => chunkId));
  for (const [at, { distance }] of found.entries()) {
    expect(Math.fround(distance)).toBeCloseTo(expected[at]?.distance ?? Number.NaN, 6);
  }
}

describeWithSqld('vectors of a server in memory', () => {
  describe.each<Metric>(['cosine', 'l2'])('%s', (metric) => {
    let server: SqldServer;
    beforeAll(async () => {
      server = await startSqld();
      const store = await openStore(`${server.url}?isolation=inline`);
      await store.vectors.reconcile({ model: 'm', dimension: DIMENSION, metric }, 'refuse');
      await store.apply(Array.from({ length: 11 }, (_, at) => anyPage(at, VECTORS / 11)));
    });
    afterAll(() => server.stop());

    const request = (query: Float32Array) => ({
      versions: [fastify],
      vector: { values: query, limit: 60 },
      fts: { terms: ['zebra', 'okapi'], limit: 10 },
      fusion: { limit: 5 },
    });
    const usage = async (store: StorageBackend) => (await store.inspect()).vectorCache;

    /** Searches until the vectors are held. */
    async function hold(store: StorageBackend): Promise<void> {
      const held = loaded();
      for (let search = 0; search < 2; search++) {
        await store.vectors.nearest({ version: fastify, vector: vector(), limit: 3 });
      }
      await held;
    }

    it('answer as the server does, whatever another client writes', async () => {
      const holder = await openStore(`${server.url}?isolation=inline`);
      const scanner = await openStore(`${server.url}?isolation=inline&vectorCacheMiB=0`);
      const same = async () => {
        for (const query of [vector(), anyVector()]) {
          const asked = { version: fastify, vector: query, limit: 1 + integer(80) };
          expectSameVectors(await holder.vectors.nearest(asked), await scanner.vectors.nearest(asked));
          const found = await holder.candidates?.(request(query));
          const {
            vector: near = [],
            fused = [],
            rows = [],
            ...rest
          } = (await scanner.candidates?.(request(query))) ?? {};
          expect(found).toMatchObject(rest);
          // The server ranks rounded distances, and may leave out a row, which is fetched by itself then.
          expect(found?.rows).toEqual(expect.arrayContaining([...rows]));
          expectSameVectors(found?.vector ?? [], near);
          const ranks = ({ distance: _, ...hit }: FusedHit) => hit;
          expect(found?.fused.map(ranks)).toEqual(fused.map(ranks));
        }
      };
      await hold(holder);
      await same();
      const before = await usage(holder);
      expect(before?.hits).toBeGreaterThan(0);
      expect(before).toMatchObject({ versions: 1, loads: 1 });
      for (let round = 0; round < 6; round++) {
        // Enough searches from memory to make fetching again worthwhile.
        for (let search = 0; search < 5; search++) await same();
        const again = loaded();
        const filter = { urlPrefix: `https://a/${2 + integer(8)}` };
        const deletion: Mutation[] =
          round % 3 === 2 ? [{ kind: 'deletePages', version: fastify, filter }] : [];
        await scanner.apply([...deletion, anyPage(integer(14), 120 + integer(20))]);
        await same();
        await again;
      }
      expect(await usage(holder)).toMatchObject({ loads: 7 });
      await scanner.apply([{ kind: 'removeVersion', version: fastify }]);
      await same();
      expect((await usage(scanner))?.loads).toBe(0);
      await scanner.apply(Array.from({ length: 11 }, (_, at) => anyPage(at, VECTORS / 11)));
      await same();
    });

    it('are fetched again after a change if the version is still searched, and released on closing', async () => {
      const holder = await openStore(`${server.url}?isolation=inline`);
      await hold(holder);
      const asked = { version: fastify, vector: vector(), limit: 5 };
      for (let search = 0; search < 20; search++) await holder.vectors.nearest(asked);
      await holder.apply([anyPage(100, 3)]);
      const again = loaded();
      for (let search = 0; search < 3; search++) await holder.vectors.nearest(asked);
      await again;
      expect(await usage(holder)).toMatchObject({ versions: 1, loads: 2 });
      await holder.close();
    });

    it('are not fetched for filters, several versions, or without a cache', async () => {
      const scanner = await openStore(`${server.url}?isolation=inline&vectorCacheMiB=0`);
      const holder = await openStore(`${server.url}?isolation=inline`);
      for (let search = 0; search < 4; search++) {
        await scanner.vectors.nearest({ version: fastify, vector: vector(), limit: 5 });
        await holder.vectors.nearest({
          version: fastify,
          vector: vector(),
          limit: 5,
          filter: { urlPrefix: 'https' },
        });
        await holder.candidates?.({
          ...request(vector()),
          versions: [fastify, { library: 'l', version: '1' }],
        });
      }
      expect((await usage(scanner))?.limit).toBe(0);
      for (const store of [scanner, holder])
        expect(await usage(store)).toMatchObject({ versions: 0, loads: 0 });
    });
  });
});
