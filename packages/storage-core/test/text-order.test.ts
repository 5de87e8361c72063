import {
  compareText,
  escapeNul,
  orderedKey,
  readOrderedKey,
  unescapeNul,
} from '@switchyard/storage-core/backend';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

/** Short texts of the characters at which orders and encodings differ. */
const text = fc
  .array(
    fc.constantFrom('\0', '\u0001', '\u0002', 'a', 'Z', 'é', '\ud7ff', '\ue000', '\uffff', '𐀀', '😀', '\xff'),
    {
      maxLength: 5,
    },
  )
  .map((characters) => characters.join(''));
const number = fc.oneof(fc.nat(3), fc.nat(), fc.maxSafeNat());

const sign = Math.sign;

function compareKeys(a: Uint8Array, b: Uint8Array): number {
  return Buffer.compare(a, b);
}

describe('compareText', () => {
  it('orders by code points', () => {
    const points = (value: string) => [...value].map((character) => character.codePointAt(0) as number);
    fc.assert(
      fc.property(text, text, (a, b) => {
        const [left, right] = [points(a), points(b)];
        const at = left.findIndex((point, index) => point !== right[index]);
        const expected = at === -1 ? left.length - right.length : (left[at] as number) - (right[at] ?? -1);
        expect(sign(compareText(a, b))).toBe(sign(expected));
      }),
    );
    expect(['\uffff', '😀', 'a'].sort(compareText)).toEqual(['a', '\uffff', '😀']);
  });
});

describe('escapeNul', () => {
  it('leaves no NUL, loses nothing and keeps the order', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(escapeNul(a)).not.toContain('\0');
        expect(unescapeNul(escapeNul(a))).toBe(a);
        expect(sign(compareText(escapeNul(a), escapeNul(b)))).toBe(sign(compareText(a, b)));
      }),
    );
  });
});

describe('orderedKey', () => {
  const parts = fc.array(fc.oneof(text, number), { maxLength: 3 });

  it('comes back as it was', () => {
    fc.assert(
      fc.property(parts, (list) => {
        expect(readOrderedKey(orderedKey(list))).toEqual(list);
      }),
    );
  });

  it('orders texts and numbers, and texts before those that begin with them', () => {
    fc.assert(
      fc.property(text, text, number, number, (a, b, m, n) => {
        expect(sign(compareKeys(orderedKey([a]), orderedKey([b])))).toBe(sign(compareText(a, b)));
        expect(sign(compareKeys(orderedKey([m]), orderedKey([n])))).toBe(sign(m - n));
        const pair = sign(compareKeys(orderedKey([a, m]), orderedKey([b, n])));
        expect(pair).toBe(sign(compareText(a, b) || m - n));
      }),
    );
  });

  it('is the prefix of the keys of more parts, and of no others', () => {
    fc.assert(
      fc.property(text, text, number, (a, b, n) => {
        const hex = (key: Uint8Array) => Buffer.from(key).toString('hex');
        expect(hex(orderedKey([a, n])).startsWith(hex(orderedKey([a])))).toBe(true);
        expect(hex(orderedKey([b, n])).startsWith(hex(orderedKey([a])))).toBe(a === b);
      }),
    );
  });

  it('replaces lone surrogates, as stores do', () => {
    expect(readOrderedKey(orderedKey(['\ud83d']))).toEqual(['\ufffd']);
  });

  it.each([-1, 0.5, Number.NaN, 2 ** 53])('refuses the number %s', (value) => {
    expect(() => orderedKey([value])).toThrow(TypeError);
  });

  it.each([[[3]], [[2, 97]], [[1, 0, 0]], [[2, 0, 0xff]]])('refuses the bytes %j', (bytes) => {
    expect(() => readOrderedKey(Uint8Array.from(bytes))).toThrow(TypeError);
  });
});
