import {
  CodeTable,
  createKernel,
  METRICS,
  type Metric,
  nearestSync,
  rescore,
  type ScanResult,
} from '@switchyard/vector-kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bruteForce, makeRandom, makeVectors, plainDistance } from './support/cases.mjs';

const wasm = createKernel({ implementation: 'wasm' });
const typescript = createKernel({ implementation: 'typescript' });

const arbitraryCase = fc.record({
  metric: fc.constantFrom<Metric>(...METRICS),
  dimension: fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 1, max: 48 }) },
    { weight: 1, arbitrary: fc.integer({ min: 49, max: 800 }) },
  ),
  count: fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 0, max: 60 }) },
    { weight: 1, arbitrary: fc.integer({ min: 250, max: 1400 }) },
  ),
  k: fc.oneof(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 700 })),
  seed: fc.nat(),
});

/** Ids in an order that has nothing to do with the rows. */
function shuffledIds(random: () => number, count: number): Float64Array {
  const keys = Array.from({ length: count }, (_, i) => ({ id: i + 1, key: random() }));
  return Float64Array.from(
    keys.sort((a, b) => a.key - b.key),
    ({ id }) => id,
  );
}

function rowsById(ids: Float64Array, rows: Float32Array, dimension: number) {
  const vectors = new Map(
    Array.from(ids, (id, i) => [id, rows.subarray(i * dimension, (i + 1) * dimension)]),
  );
  return (wanted: Float64Array) =>
    Array.from(wanted, (id) => ({ id, vector: vectors.get(id) ?? new Float32Array(dimension) }));
}

function expectSameBits(a: ScanResult, b: ScanResult): void {
  expect(Array.from(a.ids)).toEqual(Array.from(b.ids));
  expect(Array.from(a.lowerBounds)).toEqual(Array.from(b.lowerBounds));
  expect(a.upperBound).toBe(b.upperBound);
  expect(a.examined).toBe(b.examined);
}

describe('against float64 brute force', () => {
  it('contains every true neighbor, keeps its bounds, is equal id for id, and identical in TypeScript', () => {
    fc.assert(
      fc.property(arbitraryCase, ({ metric, dimension, count, k, seed }) => {
        const random = makeRandom(seed);
        const { rows, queries } = makeVectors(random, Math.max(1, count), 4, dimension);
        const ids = shuffledIds(random, count);
        const vectors = rows.subarray(0, count * dimension);
        const table = new CodeTable({ dimension, metric, kernel: wasm });
        const plain = new CodeTable({ dimension, metric, kernel: typescript });
        table.append(ids, vectors);
        plain.append(ids, vectors);
        const fetch = rowsById(ids, vectors, dimension);
        for (let q = 0; q < 4; q++) {
          const query = queries.subarray(q * dimension, (q + 1) * dimension);
          const all = bruteForce(metric, query, vectors, ids);
          const truth = all.slice(0, k);
          const found = table.scan(query, k);
          const candidates = new Set(found.ids);
          for (const { id } of truth) expect(candidates.has(id)).toBe(true);
          const distanceOf = new Map(all.map(({ id, distance }) => [id, distance]));
          found.ids.forEach((id, i) => {
            expect(found.lowerBounds[i]).toBeLessThanOrEqual(distanceOf.get(id) ?? Number.NaN);
          });
          const last = truth.at(-1);
          if (last !== undefined) expect(found.upperBound).toBeGreaterThanOrEqual(last.distance);
          expect(nearestSync(table, query, k, fetch)).toEqual(truth);
          expectSameBits(found, plain.scan(query, k));
          // Whoever sums in another order may order near ties otherwise, and is right as well.
          const measure = (a: Float32Array, b: Float32Array) => plainDistance(metric, a, b);
          const otherwise = bruteForce(metric, query, vectors, ids, plainDistance).slice(0, k);
          expect(nearestSync(table, query, k, fetch, measure)).toEqual(otherwise);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('restricted to some rows equals a table that has no others', () => {
    fc.assert(
      fc.property(
        arbitraryCase,
        fc.integer({ min: 1, max: 40 }),
        ({ metric, dimension, count, k, seed }, every) => {
          const random = makeRandom(seed);
          const { rows, queries } = makeVectors(random, Math.max(1, count), 2, dimension);
          const ids = shuffledIds(random, count);
          const vectors = rows.subarray(0, count * dimension);
          const isWanted = (id: number) => id % every === 0;
          const table = new CodeTable({ dimension, metric });
          table.append(ids, vectors);
          for (let q = 0; q < 2; q++) {
            const query = queries.subarray(q * dimension, (q + 1) * dimension);
            const wanted = bruteForce(metric, query, vectors, ids).filter(({ id }) => isWanted(id));
            const found = table.scan(query, k, isWanted);
            expect([...found.ids].every(isWanted)).toBe(true);
            const fetched = rowsById(ids, vectors, dimension)(found.ids);
            expect(rescore(metric, query, k, found.ids, fetched)).toEqual(wanted.slice(0, k));
            const last = wanted[k - 1];
            if (last !== undefined) expect(found.upperBound).toBeGreaterThanOrEqual(last.distance);
            else if (k > 0) expect(found.upperBound).toBe(Number.POSITIVE_INFINITY);
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it('is correct at the largest dimension, where the accumulators are closest to their limit', () => {
    const dimension = 4096;
    const random = makeRandom(5);
    // Extremes only: every code is ±127 and every query code at its limit, all of one sign in the first rows.
    const sign = () => (random() < 0.5 ? 1 : -1);
    const rows = Float32Array.from({ length: 40 * dimension }, (_, i) => (i < 4 * dimension ? 1 : sign()));
    const ids = Float64Array.from({ length: 40 }, (_, i) => i + 1);
    for (const metric of METRICS) {
      const table = new CodeTable({ dimension, metric, kernel: wasm });
      const plain = new CodeTable({ dimension, metric, kernel: typescript });
      table.append(ids, rows);
      plain.append(ids, rows);
      for (const query of [new Float32Array(dimension).fill(1), new Float32Array(dimension).fill(-3e38)]) {
        const truth = bruteForce(metric, query, rows, ids).slice(0, 6);
        expect(nearestSync(table, query, 6, rowsById(ids, rows, dimension))).toEqual(truth);
        expectSameBits(table.scan(query, 6), plain.scan(query, 6));
      }
    }
  });
});

describe('few candidates', () => {
  it('keeps tens of candidates of ten thousand ordinary vectors', () => {
    const dimension = 128;
    const random = makeRandom(3);
    const rows = Float32Array.from({ length: 10_000 * dimension }, () => random() + random() - 1);
    const ids = Float64Array.from({ length: 10_000 }, (_, i) => i + 1);
    for (const metric of METRICS) {
      const table = new CodeTable({ dimension, metric });
      table.append(ids, rows);
      const found = table.scan(rows.subarray(0, dimension), 10);
      expect(found.ids[0]).toBe(1);
      expect(found.ids.length).toBeLessThan(60);
      expect(found.examined).toBeLessThan(2000);
    }
  });

  it('keeps all copies of the k-th vector, ordered by id', () => {
    const dimension = 8;
    const one = Float32Array.from({ length: dimension }, (_, i) => i + 0.1);
    const rows = new Float32Array(1000 * dimension);
    for (let i = 0; i < 1000; i++) rows.set(one, i * dimension);
    const ids = Float64Array.from({ length: 1000 }, (_, i) => 1000 - i);
    const table = new CodeTable({ dimension, metric: 'cosine' });
    table.append(ids, rows);
    expect(table.scan(one, 5).ids.length).toBe(1000);
    const answer = nearestSync(table, one, 5, rowsById(ids, rows, dimension));
    expect(answer.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5]);
  });
});

describe('edges', () => {
  const table = new CodeTable({ dimension: 3, metric: 'cosine' });
  table.append([5, 2, 9], Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 0));

  it('k = 0, k > n, n = 0', () => {
    const query = Float32Array.of(1, 1, 0);
    expect(table.scan(query, 0).ids.length).toBe(0);
    expect(Array.from(table.scan(query, 99).ids).sort()).toEqual([2, 5, 9]);
    expect(new CodeTable({ dimension: 3, metric: 'l2' }).scan(query, 5).ids.length).toBe(0);
  });

  it('a zero query is equally far from everything and returns the smallest ids', () => {
    const found = table.scan(new Float32Array(3), 2);
    expect(Array.from(found.ids)).toEqual([2, 5]);
    expect(Array.from(found.lowerBounds)).toEqual([1, 1]);
  });

  it('a zero row is at cosine distance 1', () => {
    const fetch = () => [
      { id: 5, vector: Float32Array.of(1, 0, 0) },
      { id: 2, vector: Float32Array.of(0, 1, 0) },
      { id: 9, vector: Float32Array.of(0, 0, 0) },
    ];
    expect(nearestSync(table, Float32Array.of(-1, 0, 0), 3, fetch)).toEqual([
      { id: 2, distance: 1 },
      { id: 9, distance: 1 },
      { id: 5, distance: 2 },
    ]);
  });

  it('rejects input that it cannot bound, with the reason', () => {
    expect(() => table.scan(Float32Array.of(1, Number.NaN, 0), 1)).toThrow('component 1 is NaN');
    expect(() => table.scan(Float32Array.of(1, 0), 1)).toThrow('Expected 1 vector(s) of dimension 3');
    expect(() => table.scan(Float32Array.of(1, 0, 0), 1.5)).toThrow(RangeError);
    expect(() => table.scan(Float32Array.of(1, 0, 0), -1)).toThrow(RangeError);
    expect(() => new CodeTable({ dimension: 0, metric: 'l2' })).toThrow(RangeError);
    expect(() => new CodeTable({ dimension: 4097, metric: 'l2' })).toThrow(RangeError);
    expect(() => new CodeTable({ dimension: 3, metric: 'hamming' as Metric })).toThrow(TypeError);
  });
});
