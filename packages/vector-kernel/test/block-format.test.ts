import {
  BlockFormatError,
  blockByteLength,
  CodeTable,
  METRICS,
  quantizeRows,
  rowsPerBlock,
} from '@switchyard/vector-kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { xxhash32 } from '../src/xxhash32.js';
import { makeRandom, makeVectors } from './support/cases.mjs';

function idsFrom(first: number, count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => first + i);
}

/** Byte for byte, and faster than comparing element by element. */
function expectBlocks(blocks: readonly Uint8Array[], expected: readonly Uint8Array[]): void {
  expect(blocks.length).toBe(expected.length);
  blocks.forEach((block, i) => {
    expect(Buffer.compare(block, expected[i] as Uint8Array)).toBe(0);
  });
}

function joined(blocks: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(blocks));
}

describe('blocks', () => {
  it('have the same bytes from a table, from parts and from a writer without a table', () => {
    for (const metric of METRICS) {
      for (const dimension of [1, 15, 16, 100]) {
        const { rows } = makeVectors(makeRandom(dimension), 300, 1, dimension);
        const table = new CodeTable({ dimension, metric });
        table.append(idsFrom(1, 300), rows);
        const whole = quantizeRows(idsFrom(1, 300), rows, dimension, metric);
        expectBlocks(table.serialize(), [whole]);
        expect(whole.byteLength).toBe(blockByteLength(300, dimension));
        const each = Array.from({ length: 300 }, (_, row) =>
          rows.slice(row * dimension, (row + 1) * dimension),
        );
        expectBlocks([quantizeRows(idsFrom(1, 300), each, dimension, metric)], [whole]);
        expect(() => quantizeRows(idsFrom(1, 299), each, dimension, metric)).toThrow(RangeError);
        expect(() => quantizeRows([1], [new Float32Array(dimension + 1)], dimension, metric)).toThrow(
          RangeError,
        );
        const parts = [
          quantizeRows(idsFrom(1, 120), rows.subarray(0, 120 * dimension), dimension, metric),
          quantizeRows(idsFrom(121, 180), rows.subarray(120 * dimension), dimension, metric),
        ];
        const options = { dimension, metric };
        for (const packing of [[whole], parts, [joined(parts)]]) {
          expectBlocks(CodeTable.load(packing, options).serialize(), [whole]);
        }
        // An unaligned view, as a database driver may hand out.
        const shifted = new Uint8Array(whole.byteLength + 3);
        shifted.set(whole, 3);
        expectBlocks(CodeTable.load([shifted.subarray(3)], options).serialize(), [whole]);
      }
    }
  });

  it('stay within the requested size', () => {
    const dimension = 50;
    const table = new CodeTable({ dimension, metric: 'l2' });
    table.append(idsFrom(1, 500), new Float32Array(500 * dimension).fill(2));
    const blocks = table.serialize({ maxBytes: 4000 });
    expect(blocks.length).toBe(Math.ceil(500 / rowsPerBlock(dimension, 4000)));
    for (const block of blocks) expect(block.byteLength).toBeLessThanOrEqual(4000);
    expect(new CodeTable({ dimension, metric: 'l2' }).serialize()).toEqual([]);
    expect(blockByteLength(rowsPerBlock(768), 768)).toBeLessThanOrEqual(1_000_000);
  });

  it('detect every changed byte and every truncation', () => {
    const block = quantizeRows([1, 2, 3], Float32Array.of(1, 2, 3, 4, 5, 6), 2, 'cosine');
    const load = (bytes: Uint8Array) => CodeTable.load([bytes], { dimension: 2, metric: 'cosine' });
    fc.assert(
      fc.property(fc.nat(block.byteLength - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const damaged = block.slice();
        damaged[at] = (damaged[at] ?? 0) ^ flip;
        expect(() => load(damaged)).toThrow(BlockFormatError);
      }),
    );
    for (let length = 1; length < block.byteLength; length++) {
      expect(() => load(block.slice(0, length))).toThrow(BlockFormatError);
    }
    expect(load(new Uint8Array(0)).count).toBe(0);
  });

  it('reject another metric, another dimension and duplicate ids, and do not change the table', () => {
    const block = quantizeRows([1, 2], Float32Array.of(1, 2, 3, 4), 2, 'l2');
    const table = new CodeTable({ dimension: 2, metric: 'l2' });
    table.append([9], Float32Array.of(1, 1));
    expect(() => CodeTable.load([block], { dimension: 2, metric: 'dot' })).toThrow('metric l2');
    expect(() => CodeTable.load([block], { dimension: 3, metric: 'l2' })).toThrow('dimension 2');
    expect(() => table.appendBlocks(joined([block, block]))).toThrow('already');
    expect(Array.from(table.ids())).toEqual([9]);
    table.appendBlocks(block);
    expect(Array.from(table.ids())).toEqual([9, 1, 2]);
  });
});

it('xxHash32 returns the published values', () => {
  const hash = (text: string, seed = 0) => xxhash32(new TextEncoder().encode(text), seed);
  expect(hash('')).toBe(0x02cc5d05);
  expect(hash('a')).toBe(0x550d7456);
  expect(hash('abc')).toBe(0x32d153ff);
  expect(hash('Nobody inspects the spammish repetition')).toBe(0xe2293b2f);
});
