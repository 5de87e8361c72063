import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createKernel, VectorRows } from '../src/index.js';

/** Components whose sums depend on the order in which they are added, and the ends of float32. */
const component = fc.oneof(
  fc.float({ noNaN: true }),
  fc.float({ noNaN: true, min: -1, max: 1 }),
  fc.constantFrom(0, -0, 1, 2 ** -149, Math.fround(3e38), Math.fround(1e-38)),
);

const example = fc.integer({ min: 1, max: 21 }).chain((dimension) => {
  const vector = fc.oneof(
    fc.array(component, { minLength: dimension, maxLength: dimension }),
    fc.constant(Array.from({ length: dimension }, () => 0)),
  );
  return fc.record({
    query: vector,
    rows: fc.array(vector, { minLength: 1, maxLength: 12 }),
    order: fc.array(fc.nat(), { maxLength: 20 }),
  });
});

function plainDistance(metric: 'cosine' | 'l2', query: readonly number[], row: readonly number[]): number {
  let squared = 0;
  let dot = 0;
  let querySquares = 0;
  let rowSquares = 0;
  for (const [at, x] of query.entries()) {
    const y = row[at] ?? 0;
    squared += (x - y) * (x - y);
    dot += x * y;
    querySquares += x * x;
    rowSquares += y * y;
  }
  if (metric === 'l2') return Math.sqrt(squared);
  const length = Math.sqrt(querySquares);
  return length === 0 || rowSquares === 0 ? 1 : 1 - dot / (length * Math.sqrt(rowSquares));
}

describe.each(['wasm', 'typescript'] as const)('VectorRows, %s', (implementation) => {
  const kernel = createKernel({ implementation });

  it.each(['cosine', 'l2'] as const)('has the distances of a plain loop, bit for bit: %s', (metric) => {
    fc.assert(
      fc.property(example, ({ query, rows, order }) => {
        const kept = new VectorRows({ dimension: query.length, capacity: rows.length, kernel });
        // In two parts.
        const half = Math.floor(rows.length / 2);
        expect(kept.append(Float32Array.from(rows.slice(0, half).flat()))).toBe(0);
        expect(kept.append(Float32Array.from(rows.slice(half).flat()))).toBe(half);
        const slots = order.map((number) => number % rows.length);
        const expected = slots.map((slot) => plainDistance(metric, query, rows[slot] ?? []));
        expect([...kept.distances(metric, Float32Array.from(query), Int32Array.from(slots))]).toEqual(
          expected,
        );
      }),
      { numRuns: 300 },
    );
  });

  it('measures more rows than fit into one call of the loop', () => {
    const rows = new VectorRows({ dimension: 3, capacity: 1300, kernel });
    rows.append(Float32Array.from({ length: 1300 * 3 }, (_, at) => at % 17));
    const slots = Int32Array.from({ length: 1300 }, (_, at) => 1299 - at);
    const query = Float32Array.of(1, 2, 3);
    const row = (slot: number) => [0, 1, 2].map((at) => (slot * 3 + at) % 17);
    expect([...rows.distances('l2', query, slots)]).toEqual(
      [...slots].map((slot) => plainDistance('l2', [...query], row(slot))),
    );
  });

  it('has NaN for rows that are not finite', () => {
    const rows = new VectorRows({ dimension: 2, capacity: 3, kernel });
    rows.append(Float32Array.of(1, 2, Number.NaN, 4, 5, 6));
    for (const metric of ['cosine', 'l2'] as const) {
      const distances = rows.distances(metric, Float32Array.of(1, 2), Int32Array.of(0, 1, 2));
      expect([...distances].map(Number.isNaN)).toEqual([false, true, false]);
    }
  });

  it('refuses more rows than its capacity, and parts of rows', () => {
    const rows = new VectorRows({ dimension: 2, capacity: 1, kernel });
    expect(() => rows.append(Float32Array.of(1, 2, 3, 4))).toThrow(RangeError);
    expect(() => rows.append(Float32Array.of(1, 2, 3))).toThrow(RangeError);
    expect(rows.count).toBe(0);
  });
});
