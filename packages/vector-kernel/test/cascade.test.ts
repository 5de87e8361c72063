import { Cascade, CodeTable, createKernel, METRICS } from '@switchyard/vector-kernel';
import { describe, expect, it } from 'vitest';
import { bruteForce, makeRandom } from './support/cases.mjs';

/** Vectors around cluster centres with a common offset, as sentence vectors have. */
function clustered(count: number, dimension: number): Float32Array {
  const random = makeRandom(17);
  const noise = () => random() + random() + random() - 1.5;
  const centers = Float32Array.from({ length: 50 * dimension }, noise);
  return Float32Array.from({ length: count * dimension }, (_, i) => {
    const center = (Math.floor(i / dimension) * 7) % 50;
    return 3 + (centers[center * dimension + (i % dimension)] as number) + 0.7 * noise();
  });
}

describe('the cascade', () => {
  const dimension = 200;
  const count = 5000;
  const rows = clustered(count, dimension);
  const ids = Float64Array.from({ length: count }, (_, i) => i + 1);

  it.each(METRICS)(
    'finds most of the nearest by %s, with the same bits in both implementations',
    (metric) => {
      const results = (['wasm', 'typescript'] as const).map((implementation) => {
        const kernel = createKernel({ implementation });
        const table = new CodeTable({ dimension, metric, kernel });
        table.append(ids, rows);
        const cascade = new Cascade(table, { kernel });
        return [11, 1234, 4000].map((row) =>
          cascade.scan(rows.subarray(row * dimension, (row + 1) * dimension), 10, { survivors: 1000 }),
        );
      });
      expect(results[0]).toEqual(results[1]);
      const first = results[0]?.[0];
      expect(first?.examined).toBeGreaterThanOrEqual(1000);
      expect(first?.examined).toBeLessThan(2000);
      if (metric === 'dot') return; // Bits know nothing of lengths: no promise for 'dot'.
      const truth = bruteForce(metric, rows.subarray(11 * dimension, 12 * dimension), rows, ids).slice(0, 10);
      const found = new Set(first?.ids);
      expect(truth.filter(({ id }) => found.has(id)).length).toBeGreaterThanOrEqual(8);
    },
  );

  it('follows the table, and is the exact scan when all rows survive', () => {
    const table = new CodeTable({ dimension, metric: 'cosine' });
    table.append(ids.subarray(0, 1000), rows.subarray(0, 1000 * dimension));
    const cascade = new Cascade(table);
    const query = rows.subarray(0, dimension);
    expect(cascade.scan(query, 3, { survivors: 1000 })).toEqual(table.scan(query, 3));
    expect(cascade.scan(query, 3, { survivors: 50 }).ids[0]).toBe(1);
    table.remove(1);
    expect(cascade.scan(query, 3, { survivors: 50 }).ids).not.toContain(1);
    table.upsert(5001, query);
    expect(cascade.scan(query, 3, { survivors: 50 }).ids[0]).toBe(5001);
    expect(cascade.scan(query, 0).ids.length).toBe(0);
    expect(cascade.byteLength).toBeGreaterThan(1000 * 32);
    expect(() => cascade.scan(query, 3, { survivors: 1.5 })).toThrow(RangeError);
  });
});
