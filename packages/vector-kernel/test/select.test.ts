import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sortPairs } from '../dist/index.js';

describe('sorting pairs', () => {
  it('sorts by value, equal values by id, and leaves values beyond the count unchanged', () => {
    const pair = fc.tuple(
      fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true })),
      fc.integer({ min: 1, max: 1000 }),
    );
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 200 }), fc.nat(200), (pairs, wanted) => {
        const count = Math.min(wanted, pairs.length);
        const values = Float64Array.from(pairs, ([value]) => value);
        const ids = Float64Array.from(pairs, ([, id]) => id);
        sortPairs(values, ids, count);
        const sorted = pairs.slice(0, count).sort(([a, x], [b, y]) => (a === b ? x - y : a < b ? -1 : 1));
        const expected = [...sorted, ...pairs.slice(count)];
        expect(Array.from(values, (value) => value + 0)).toEqual(expected.map(([value]) => value + 0));
        expect(Array.from(ids)).toEqual(expected.map(([, id]) => id));
      }),
    );
  });
});
