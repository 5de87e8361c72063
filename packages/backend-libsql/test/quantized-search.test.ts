import type { Metric } from '@switchyard/storage-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readGeneration } from '../src/vectors/generations.js';
import { Reader } from './support/reader.js';
import { chunk, openStore, page } from './support/store.js';
import { tempFile } from './support/temp.js';

const DIMENSION = 6;

/** Components that meet every difficulty: ties, near ties, zero, halves, the ends of float32. */
const component = fc.oneof(
  fc.constantFrom(0, -0, 1, -1, 0.5, 1 + 2 ** -23, 1 - 2 ** -24, 127, 127.5),
  fc.float({ noNaN: true, noDefaultInfinity: true, min: -1, max: 1 }),
  fc.constantFrom(Math.fround(1e-38), Math.fround(-1e38), Math.fround(3e38), 2 ** -149, Math.fround(1e-20)),
);
const vector = fc.oneof(
  fc
    .array(component, { minLength: DIMENSION, maxLength: DIMENSION })
    .map((values) => Float32Array.from(values)),
  // Few different ones, for many that are equal.
  fc
    .constantFrom(0, 1, 2)
    .map((at) => Float32Array.from({ length: DIMENSION }, (_, j) => (j === at ? 1 : 0))),
  fc.constant(new Float32Array(DIMENSION)),
);

describe.each<Metric>(['cosine', 'l2'])('searching codes and scanning by the engine, %s', (metric) => {
  it('return the same hits and distances as measuring every vector', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(vector, { minLength: 1, maxLength: 60 }),
        fc.array(vector, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 70 }),
        async (vectors, queries, limit) => {
          const file = tempFile();
          const store = await openStore(file);
          await store.vectors.reconcile({ model: 'm', dimension: DIMENSION, metric }, 'refuse');
          const [{ versionId }] = await store.apply([
            page(
              'https://a/',
              vectors.map((values, index) => chunk(`chunk ${index}`, { vector: values })),
            ),
          ] as const);
          await store.close();
          const reader = new Reader(file);
          for (const query of queries) {
            expect(reader.check(versionId, query, limit)).toBe(Math.min(limit, vectors.length));
            const search = {
              versionId,
              vector: query,
              limit,
              passing: null,
              generations: readGeneration(reader.driver, versionId),
            };
            const scanned = reader.engine.search(reader.profile, search);
            expect(reader.quantized.search(reader.profile, search)).toEqual(scanned);
          }
          expect(reader.cache.report()).toMatchObject({ loads: 1, refusals: 0 });
          reader.close();
        },
      ),
      { numRuns: 60 },
    );
  });
});
