import type { Metric } from '@switchyard/storage-core';
import { distance } from '@switchyard/storage-core/backend';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distancesFrom } from '../src/vectors/distances.js';

/** Components whose sums depend on the order in which they are added, and the ends of float32. */
const component = fc.oneof(
  fc.float({ noNaN: true, noDefaultInfinity: true }),
  fc.float({ noNaN: true, min: -1, max: 1 }),
  fc.constantFrom(0, -0, 1, 2 ** -149, Math.fround(3e38), Math.fround(1e-38)),
);

const vectors = fc.integer({ min: 1, max: 33 }).chain((dimension) => {
  const vector = fc.oneof(
    fc.array(component, { minLength: dimension, maxLength: dimension }),
    fc.constant(Array.from({ length: dimension }, () => 0)),
  );
  return fc.record({ query: vector, rows: fc.array(vector, { maxLength: 9 }) });
});

describe.each<Metric>(['cosine', 'l2'])('distances to many vectors, %s', (metric) => {
  it('equal those of one vector at a time, bit for bit', () => {
    fc.assert(
      fc.property(vectors, ({ query, rows }) => {
        const from = Float32Array.from(query);
        const each = rows.map((row) => distance(metric, from, Float32Array.from(row)));
        const together = distancesFrom(metric, from, Float32Array.from(rows.flat()), rows.length);
        expect([...together]).toEqual(each);
      }),
      { numRuns: 500 },
    );
  });

  it('are NaN if a component is NaN', () => {
    const rows = Float32Array.of(1, 2, Number.NaN, 4, 5, 6);
    expect([...distancesFrom(metric, Float32Array.of(1, 2), rows, 3)].map(Number.isNaN)).toEqual([
      false,
      true,
      false,
    ]);
  });
});
