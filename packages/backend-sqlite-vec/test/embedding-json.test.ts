import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readEmbedding, toEmbeddingJson } from '../src/vectors/embedding-json.js';

test('any finite vector round-trips bit for bit', () => {
  const vectors = fc.float32Array({ minLength: 1, maxLength: 40, noNaN: true, noDefaultInfinity: true });
  fc.assert(
    fc.property(vectors, (vector) => {
      const { vector: read } = readEmbedding(toEmbeddingJson(vector), vector.length);
      expect(read && Buffer.from(read.buffer)).toEqual(Buffer.from(vector.slice().buffer));
    }),
    { numRuns: 2000 },
  );
});

test('numbers of the usual size are short', () => {
  const vector = Float32Array.from({ length: 512 }, (_, index) => Math.sin(index) / 22.6);
  expect(toEmbeddingJson(vector).length / 512).toBeLessThan(14);
  expect(JSON.stringify([...vector]).length / 512).toBeGreaterThan(19);
});

test.each([
  [Buffer.from([0, 0, 128, 63]), /not text/],
  ['[1, 2', /not valid JSON/],
  ['{"0": 1}', /not a JSON array/],
  ['[1]', /1 components.*2/],
  ['[1, "2"]', /Component 1/],
  ['[1, null]', /Component 1/],
  ['[1, 1e39]', /Component 1/],
])('%s is not a vector of two components', (stored, fault) => {
  expect(readEmbedding(stored, 2)).toEqual({ vector: null, fault: expect.stringMatching(fault) });
});
