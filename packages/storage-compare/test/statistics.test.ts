import { describe, expect, it } from 'vitest';
import { bootstrap, meanWithInterval, quantile } from '../src/statistics/intervals.js';
import { pairedRandomizationTest } from '../src/statistics/paired-test.js';
import { seededRandom } from '../src/statistics/random.js';

const settings = () => ({ resamples: 500, random: seededRandom(7) });

describe('intervals', () => {
  it('are the same for the same seed', () => {
    const numbers = Array.from({ length: 40 }, (_, index) => Math.sin(index) + 2);
    expect(meanWithInterval(numbers, settings())).toEqual(meanWithInterval(numbers, settings()));
  });

  it('hold the estimate, and are about as wide as the standard error says', () => {
    const random = seededRandom(3);
    const numbers = Array.from({ length: 400 }, () => random());
    const { value, low, high } = meanWithInterval(numbers, settings());
    expect(low).toBeLessThan(value);
    expect(high).toBeGreaterThan(value);
    // 2 · 1.96 · √(1/12) / √400
    expect(high - low).toBeGreaterThan(0.04);
    expect(high - low).toBeLessThan(0.075);
  });

  it('have no width where nothing varies, and for a single group', () => {
    expect(meanWithInterval([1, 1, 1], settings())).toEqual({ value: 1, low: 1, high: 1 });
    expect(bootstrap(1, () => 5, settings())).toEqual({ value: 5, low: 5, high: 5 });
  });

  it('rest on quantiles', () => {
    expect(quantile([3, 1, 2], 0.5)).toBe(2);
    expect(quantile([5], 0.99)).toBe(5);
    expect(quantile([], 0.5)).toBeNaN();
  });
});

describe('the paired randomization test', () => {
  const test = (differences: readonly number[]) =>
    pairedRandomizationTest(differences, { rounds: 999, random: seededRandom(1) });

  it.each([
    // Of the eight ways to sign three equal differences, two are as extreme.
    [[1, 1, 1], 0.25],
    [[1, -1], 1],
    [[0, 0, 0], 1],
    // 3, -1 and their negatives reach |2|: of 3+1, 3-1, -3+1, -3-1 all do.
    [[3, -1], 1],
    [[2, 2, 2, 2, 2, 2], 2 / 64],
  ])('of %j gives %d', (differences, expected) => {
    expect(test(differences)).toBeCloseTo(expected, 12);
  });

  it('with many pairs finds a clear shift and nothing where there is none', () => {
    const random = seededRandom(9);
    const noise = Array.from({ length: 60 }, () => random() - 0.5);
    expect(test(noise.map((value) => value + 1))).toBe(1 / 1000);
    expect(test(noise)).toBeGreaterThan(0.05);
  });
});
