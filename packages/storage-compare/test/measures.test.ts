import { isNear, overlapAt, rankBiasedOverlap, tieGroups } from '@switchyard/storage-compare';
import { describe, expect, it } from 'vitest';

const alone = (...keys: string[]) => keys.map((key) => [key]);

describe('rank-biased overlap, worked by hand', () => {
  it.each([
    // Agreements 1, 1, 1.
    ['equal lists', alone('a', 'b', 'c'), alone('a', 'b', 'c'), 0.9, 1],
    ['nothing in common', alone('a', 'b'), alone('c', 'd'), 0.9, 0],
    // Agreements 0, 1: 0.1·(0 + 0.9·1) + 0.81·1.
    ['a swap at the top', alone('a', 'b'), alone('b', 'a'), 0.9, 0.9],
    // Agreements 1, 1/2, 1: 0.1·(1 + 0.9/2 + 0.81) + 0.729.
    ['a swap below the top', alone('a', 'b', 'c'), alone('a', 'c', 'b'), 0.9, 0.955],
    // Equation 32: agreements 1, 1/2, then (2 + 1/2)/3 with half of the unseen hit assumed: 0.5·(1 + 1/4 + 5/24) + 5/48.
    [
      'lists of unequal length',
      alone('a', 'x'),
      alone('a', 'b', 'x'),
      0.5,
      0.5 * (1 + 1 / 4 + 5 / 24) + 5 / 48,
    ],
    ['a prefix, assumed to go on alike', alone('a'), alone('a', 'b'), 0.9, 1],
    // Tied a and b both stand at rank 1: agreements 2·1/(2 + 1) and 1: 0.1·(2/3 + 0.9) + 0.81.
    ['a tie against an order', [['a', 'b']], alone('a', 'b'), 0.9, 0.1 * (2 / 3 + 0.9) + 0.81],
    ['a tie against the same tie', [['a', 'b'], ['c']], [['b', 'a'], ['c']], 0.9, 1],
    // Ranks 1, 2, 2 against 1, 2, 3: agreements 1, 2·2/(3 + 2), 1.
    [
      'a tie below the top',
      [['a'], ['b', 'c']],
      alone('a', 'b', 'c'),
      0.5,
      0.5 * (1 + 0.5 * 0.8 + 0.25) + 0.125,
    ],
    ['two empty lists', [], [], 0.9, 1],
    ['one empty list', [], alone('a'), 0.9, 0],
  ])('%s', (_name, a, b, persistence, expected) => {
    expect(rankBiasedOverlap(a, b, persistence)).toBeCloseTo(expected, 12);
    expect(rankBiasedOverlap(b, a, persistence)).toBeCloseTo(expected, 12);
  });
});

describe('overlap', () => {
  it.each([
    [3, ['a', 'b', 'c'], ['c', 'b', 'a'], 1],
    [2, ['a', 'b', 'c'], ['a', 'c', 'b'], 0.5],
    [10, ['a', 'b'], ['a'], 0.5],
    [10, [], [], 1],
    [10, [], ['a'], 0],
  ])('at %i of %j and %j is %d', (k, a, b, expected) => {
    expect(overlapAt(k, a, b)).toBe(expected);
  });
});

describe('ties', () => {
  it('are scores that rounding in float32 tells apart', () => {
    expect(isNear(0.7310585975646973, 0.731058657169342, 1e-6)).toBe(true);
    expect(isNear(0.7310586, 0.7310616, 1e-6)).toBe(false);
    expect(isNear(21.400001, 21.400002, 1e-6)).toBe(true);
  });

  it('are grouped by the first of a group, so that small steps do not add up', () => {
    const list = [1, 0.6, 0.3].map((score, index) => ({ key: 'abc'.charAt(index), score }));
    expect(tieGroups(list, 0.5)).toEqual([['a', 'b'], ['c']]);
  });
});
