import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeVector } from '../src/vectors/decode.js';
import { readEmbedding } from '../src/vectors/read-embedding.js';

const encode = (text: string) => new TextEncoder().encode(text);

function decoded(text: string, length: number): Float32Array | null {
  const into = new Float32Array(length);
  return decodeVector(encode(text), into) ? into : null;
}

const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc.float({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc.double({ min: -1, max: 1, noNaN: true }).map((value) => JSON.stringify(value)),
  // Midpoints between two float32 and their neighbors in float64, where rounding is decided by the last digit.
  fc.float({ min: Math.fround(1e-3), max: 1, noNaN: true }).chain((value) => {
    const bits = new Int32Array(Float32Array.of(value).buffer);
    const next = new Float32Array(Int32Array.of((bits[0] as number) + 1).buffer);
    const middle = (value + (next[0] as number)) / 2;
    return fc
      .constantFrom(middle, middle * (1 + 2 ** -52), middle * (1 - 2 ** -53))
      .map((v) => v.toPrecision(17));
  }),
  // Fractions of all lengths, with any zeros in front.
  fc
    .tuple(fc.constantFrom('', '-'), fc.integer({ min: 0, max: 7 }), fc.stringMatching(/^\d{1,25}$/))
    .map(([sign, zeros, digits]) => `${sign}0.${'0'.repeat(zeros)}${digits}`),
  fc
    .tuple(
      fc.integer({ min: 0, max: 10 ** 9 }),
      fc.integer({ min: 0, max: 10 ** 9 }),
      fc.integer({ min: -60, max: 45 }),
    )
    .map(([whole, part, exponent]) => `-${whole}.${part}e${exponent}`),
);

describe('the quick reader of embeddings', () => {
  it('equals the standard conversion, bit for bit', () => {
    fc.assert(
      fc.property(fc.array(number, { minLength: 1, maxLength: 40 }), (texts) => {
        const expected = new Float32Array(texts.map((text) => Math.fround(Number(text))));
        const found = decoded(`[${texts.join(',')}]`, texts.length);
        expect(found).not.toBeNull();
        expect(new Uint32Array((found as Float32Array).buffer)).toEqual(new Uint32Array(expected.buffer));
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    ['[]', 0],
    ['[1,2]', 3],
    ['[1,2,3]', 2],
    ['[1,2', 2],
    ['[1,2]]', 2],
    ['[01,2]', 2],
    ['[1.,2]', 2],
    ['[.5,2]', 2],
    ['[+1,2]', 2],
    ['[1e,2]', 2],
    ['[-,2]', 2],
    ['[1,null]', 2],
    ['[1, 2]', 2],
    ['{"a":1}', 1],
  ])('leaves %s to the slow reader', (text, length) => {
    expect(decoded(text, length)).toBeNull();
  });
});

describe('an embedding', () => {
  const read = (text: string, length = 2) => readEmbedding(encode(text), true, new Float32Array(length));

  it('may contain whitespace', () => {
    expect(read(' [ 0.5 , -1e-3 ]\n').vector).toEqual(Float32Array.of(0.5, -1e-3));
  });

  it.each([
    ['[1,2,3]', /3 components.*2/],
    ['[1,2', /not valid JSON/],
    ['{"0":1}', /not a JSON array/],
    ['[1,null]', /Component 1 .* not a number/],
    ['[1,"2"]', /Component 1 .* not a number/],
    ['[1,1e39]', /Component 1 .* not finite/],
    ['[01,2]', /not valid JSON/],
  ])('%s is invalid, with the reason', (text, reason) => {
    const { vector, fault } = read(text);
    expect(vector).toBeNull();
    expect(fault).toMatch(reason);
  });

  it('that is not text is invalid', () => {
    expect(readEmbedding(new Uint8Array(8), false, new Float32Array(2)).fault).toMatch(/not text/);
  });
});
