import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { CodeTable, createKernel, METRICS, type Metric, quantizeRows } from '@switchyard/vector-kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeRandom, makeVectors } from './support/cases.mjs';

type Change =
  | { readonly kind: 'append' | 'upsert' | 'replace'; readonly id: number; readonly vector: number }
  | { readonly kind: 'remove'; readonly id: number };

const VECTORS = 40;
const id = fc.integer({ min: 1, max: 400 });
const vector = fc.integer({ min: 0, max: VECTORS - 1 });
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ kind: fc.constantFrom('append' as const, 'upsert' as const, 'replace' as const), id, vector }),
  fc.record({ kind: fc.constant('remove' as const), id }),
);

describe('changing a table', () => {
  it.each(['wasm', 'typescript'] as const)('equals rebuilding it (%s)', (implementation) => {
    const kernel = createKernel({ implementation });
    fc.assert(
      fc.property(
        fc.constantFrom<Metric>(...METRICS),
        fc.integer({ min: 1, max: 40 }),
        fc.array(change, { maxLength: 300, size: 'max' }),
        fc.nat(),
        (metric, dimension, changes, seed) => {
          const { rows, queries } = makeVectors(makeRandom(seed), VECTORS, 3, dimension);
          const at = (index: number) => rows.subarray(index * dimension, (index + 1) * dimension);
          const table = new CodeTable({ dimension, metric, kernel });
          const model = new Map<number, number>();
          for (const step of changes) {
            const known = model.has(step.id);
            expect(table.has(step.id)).toBe(known);
            if (step.kind === 'remove') {
              expect(table.remove(step.id)).toBe(known);
              model.delete(step.id);
            } else if (step.kind === 'upsert') {
              expect(table.upsert(step.id, at(step.vector))).toBe(known);
              model.set(step.id, step.vector);
            } else if (known === (step.kind === 'append')) {
              const attempt = () =>
                step.kind === 'append'
                  ? table.append([step.id], at(step.vector))
                  : table.replace(step.id, at(step.vector));
              expect(attempt).toThrow(RangeError);
            } else {
              if (step.kind === 'append') table.append([step.id], at(step.vector));
              else table.replace(step.id, at(step.vector));
              model.set(step.id, step.vector);
            }
          }
          const rebuilt = new CodeTable({ dimension, metric, kernel });
          for (const [key, index] of model) rebuilt.append([key], at(index));
          const loaded = CodeTable.load(table.serialize({ maxBytes: 600 }), { dimension, metric, kernel });
          expect(Array.from(table.ids()).sort()).toEqual([...model.keys()].sort());
          for (let q = 0; q < 3; q++) {
            const query = queries.subarray(q * dimension, (q + 1) * dimension);
            const { examined: _, ...expected } = rebuilt.scan(query, 5);
            expect(table.scan(query, 5)).toMatchObject(expected);
            expect(loaded.scan(query, 5)).toMatchObject(expected);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is all or nothing', () => {
    const table = new CodeTable({ dimension: 2, metric: 'dot' });
    table.append([1], Float32Array.of(1, 1));
    expect(() => table.append([2, 3], Float32Array.of(1, 1, 1, Number.POSITIVE_INFINITY))).toThrow(
      'Infinity',
    );
    expect(() => table.append([2, 2], new Float32Array(4))).toThrow('twice');
    expect(() => table.append([2, 1], new Float32Array(4))).toThrow('already');
    expect(() => table.append([0], new Float32Array(2))).toThrow('positive safe integers');
    expect(() => table.append([2], new Float32Array(3))).toThrow('Expected 1 vector(s)');
    expect(() => table.append([2], new Uint8Array(7))).toThrow('whole number of float32');
    expect(() => table.upsert(2.5, new Float32Array(2))).toThrow(RangeError);
    expect(Array.from(table.ids())).toEqual([1]);
    table.append([2, 3], new Float32Array(4));
    expect(table.count).toBe(3);
    table.clear();
    expect(table.count).toBe(0);
    table.append([1], Float32Array.of(1, 1));
    expect(table.has(1)).toBe(true);
  });

  it('accepts bytes at any address', () => {
    const values = Float32Array.of(0.5, -2, 3);
    const shifted = new Uint8Array(13);
    shifted.set(new Uint8Array(values.buffer), 1);
    const table = new CodeTable({ dimension: 3, metric: 'l2' });
    table.append([7], shifted.subarray(1));
    expect(table.scan(Buffer.from(shifted).subarray(1), 1).upperBound).toBeLessThan(0.05);
  });
});

describe('memory', () => {
  it('takes about a byte per component and 20 per row, with little preallocation', () => {
    for (const implementation of ['wasm', 'typescript'] as const) {
      const kernel = createKernel({ implementation });
      const table = new CodeTable({ dimension: 768, metric: 'cosine', kernel });
      const rows = new Float32Array(1000 * 768).fill(1);
      for (let i = 0; i < 3; i++) {
        table.append(
          Float64Array.from({ length: 1000 }, (_, row) => i * 1000 + row + 1),
          rows,
        );
      }
      const needed = 3000 * (768 + 20);
      expect(table.byteLength).toBeGreaterThan(needed);
      expect(table.byteLength).toBeLessThan(needed * (implementation === 'wasm' ? 1.15 : 1.3));
    }
  });

  it('is freed when a table is dropped', () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const dimension = 1000;
    const count = 8000;
    const ids = Float64Array.from({ length: count }, (_, i) => i + 1);
    const block = quantizeRows(ids, new Float32Array(count * dimension).fill(1), dimension, 'l2');
    collectGarbage();
    const before = process.memoryUsage.rss();
    for (let i = 0; i < 60; i++) {
      expect(CodeTable.load([block], { dimension, metric: 'l2' }).count).toBe(count);
    }
    collectGarbage();
    const kept = process.memoryUsage.rss() - before;
    expect(kept).toBeLessThan((60 * block.byteLength) / 2);
  });
});
