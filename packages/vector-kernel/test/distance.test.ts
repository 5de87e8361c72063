import {
  CodeTable,
  distance,
  distances,
  METRICS,
  MissingVectorError,
  nearest,
  rescore,
} from '@switchyard/vector-kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const component = fc.float({ noNaN: true, noDefaultInfinity: true });
const pair = fc
  .integer({ min: 1, max: 40 })
  .chain((n) =>
    fc.tuple(...([0, 1] as const).map(() => fc.array(component, { minLength: n, maxLength: n }))),
  );

describe('distance', () => {
  it('is symmetric, close to the plain formula, and has the same bits alone and packed', () => {
    fc.assert(
      fc.property(fc.constantFrom(...METRICS), pair, (metric, [first, second]) => {
        const a = Float32Array.from(first as number[]);
        const b = Float32Array.from(second as number[]);
        const value = distance(metric, a, b);
        expect(distance(metric, b, a)).toBe(value);
        const packed = new Float32Array(a.length * 3);
        packed.set(b, a.length);
        expect(distances(metric, a, packed)[1]).toBe(value);
        expect(distances(metric, a, new Uint8Array(packed.buffer))[1]).toBe(value);
        const sum = (term: (x: number, y: number) => number) =>
          a.reduce((total, x, i) => total + term(x, b[i] as number), 0);
        const [dot, aa, bb] = [sum((x, y) => x * y), sum((x) => x * x), sum((_, y) => y * y)];
        const plain = {
          l2: Math.sqrt(sum((x, y) => (x - y) ** 2)),
          dot: -dot,
          cosine: aa === 0 || bb === 0 ? 1 : 1 - dot / Math.sqrt(aa * bb),
        }[metric];
        const size = { l2: plain, dot: Math.sqrt(aa * bb), cosine: 1 }[metric];
        expect(Math.abs(value - plain)).toBeLessThanOrEqual(1e-12 * size);
      }),
    );
  });

  it('of a vector from itself is exactly 0', () => {
    fc.assert(
      fc.property(fc.array(component, { minLength: 1, maxLength: 40 }), (values) => {
        const a = Float32Array.from(values);
        expect(distance('l2', a, a)).toBe(0);
        expect(distance('cosine', a, a)).toBe(a.every((x) => x === 0) ? 1 : 0);
      }),
    );
  });

  it('rejects different lengths', () => {
    expect(() => distance('l2', new Float32Array(2), new Float32Array(3))).toThrow(RangeError);
    expect(() => distances('l2', new Float32Array(2), new Float32Array(3))).toThrow(RangeError);
  });
});

describe('nearest', () => {
  const table = new CodeTable({ dimension: 2, metric: 'l2' });
  table.append([1, 2, 3], Float32Array.of(0, 0, 3, 4, 6, 8));

  it('fetches once and awaits the result', async () => {
    const asked: number[][] = [];
    const answer = await nearest(table, Float32Array.of(3, 3), 2, async (ids) => {
      asked.push(Array.from(ids));
      const all = [
        { id: 3, vector: Float32Array.of(6, 8) },
        { id: 2, vector: Float32Array.of(3, 4) },
        { id: 1, vector: new Uint8Array(8) },
      ];
      return all.filter(({ id }) => ids.includes(id));
    });
    expect(answer).toEqual([
      { id: 2, distance: 1 },
      { id: 1, distance: Math.sqrt(18) },
    ]);
    expect(asked.length).toBe(1);
  });

  it('reports a missing vector, and ignores repeated and unknown ones', async () => {
    await expect(nearest(table, Float32Array.of(0, 0), 1, async () => [])).rejects.toThrow(
      MissingVectorError,
    );
    const vector = Float32Array.of(1, 0);
    const twice = [
      { id: 1, vector },
      { id: 1, vector },
      { id: 8, vector },
    ];
    expect(rescore('dot', vector, 5, Float64Array.of(1), twice)).toEqual([{ id: 1, distance: -1 }]);
  });
});
