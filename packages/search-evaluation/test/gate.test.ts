import {
  compareQuality,
  questionsForNonInferiority,
  randomizationTest,
  smallestDetectableEffect,
  weightedKappa,
} from '@switchyard/search-evaluation';
import { describe, expect, it } from 'vitest';

/** Scores around 0.5 that differ from it by a pattern with a mean of 0 and the given deviation. */
const noise = (count: number, deviation: number) =>
  Array.from({ length: count }, (_, index) => (index % 2 === 0 ? deviation : -deviation));
const baseline = (count: number) => Array.from({ length: count }, () => 0.5);
const candidate = (count: number, change: number, deviation: number) =>
  noise(count, deviation).map((part) => 0.5 + change + part);

describe('the plan', () => {
  it('needs 423 questions at a deviation of 0.25 and no loss', () => {
    expect(questionsForNonInferiority({ loss: 0, deviation: 0.25, margin: 0.02 })).toBe(423);
    expect(questionsForNonInferiority({ loss: 0.03, deviation: 0.25, margin: 0.02 })).toBe(
      Number.POSITIVE_INFINITY,
    );
  });

  it.each([
    [59, '0.09'],
    [120, '0.064'],
    [500, '0.031'],
  ])('detects with %i questions a difference of %s', (questions, effect) => {
    expect(smallestDetectableEffect(questions).toFixed(effect.length - 2)).toBe(effect);
  });
});

describe('the randomization test', () => {
  it('counts all assignments of few differences', () => {
    // Of the 16 sign assignments of 1, 2, 3, 4 only all plus and all minus are as far from 0.
    expect(randomizationTest([1, 2, 3, 4])).toBe(2 / 16);
    // |Σ| ≥ 4: ±(1,2,3,4), ±(−1,2,3,4), ±(1,−2,3,4), ±(1,2,−3,4) and ±(−1,−2,3,4).
    expect(randomizationTest([1, 2, -3, 4])).toBe(10 / 16);
    expect(randomizationTest([])).toBe(1);
    expect(randomizationTest([0, 0])).toBe(1);
  });

  it('does not take rounding for a difference', () => {
    expect(randomizationTest([0.1, 0.2, -0.3])).toBe(1);
  });

  it('samples many, near the exact value and the same for a seed', () => {
    const many = noise(60, 0.2).map((part) => part + 0.05);
    const p = randomizationTest(many, { seed: 7 });
    // z = 0.05 × √60 / √(0.2² + 0.05²) = 1.879, two-sided p = 0.060.
    expect(p).toBeGreaterThan(0.05);
    expect(p).toBeLessThan(0.075);
    expect(randomizationTest(many, { seed: 7 })).toBe(p);
    expect(randomizationTest(many, { seed: 8 })).not.toBe(p);
  });

  it('is never 0', () => {
    const strong = baseline(200);
    expect(randomizationTest(strong, { resamples: 999 })).toBe(1 / 1000);
  });
});

describe('the gate', () => {
  const compare = (count: number, change: number, deviation: number) =>
    compareQuality(baseline(count), candidate(count, change, deviation));

  it('passes when nothing changed, with any number of questions', () => {
    expect(compare(3, 0, 0)).toMatchObject({
      outcome: 'pass',
      pValue: 1,
      lossBound: 0,
      queriesNeeded: 0,
      same: 3,
    });
  });

  it('passes when the loss is bounded, and for a gain', () => {
    expect(compare(430, 0, 0.25)).toMatchObject({ outcome: 'pass', queriesNeeded: 0 });
    expect(compare(200, 0.05, 0.25)).toMatchObject({ outcome: 'pass', better: 100, worse: 100 });
  });

  it('passes a loss that is significant but within the margin', () => {
    const result = compare(400, -0.005, 0.01);
    expect(result.pValue).toBeLessThan(0.05);
    expect(result).toMatchObject({ outcome: 'pass' });
  });

  it('fails a significant loss beyond it', () => {
    expect(compare(200, -0.06, 0.25)).toMatchObject({ outcome: 'fail', queriesNeeded: 0 });
    expect(compare(12, -0.5, 0.01)).toMatchObject({ outcome: 'fail' });
  });

  it('is inconclusive with the number of questions still needed', () => {
    const result = compare(100, 0, 0.25);
    // The deviation of the sample has n − 1: 0.25 × √(100 / 99).
    expect(result).toMatchObject({ outcome: 'inconclusive', queriesNeeded: 428 - 100 });
    expect(result.detectableEffect).toBeCloseTo(0.07, 3);
    // A loss beyond the margin becomes significant before it could be within it.
    expect(compare(100, -0.03, 0.25)).toMatchObject({ outcome: 'inconclusive', queriesNeeded: 270 - 100 });
  });

  it('decides nothing from few questions', () => {
    expect(compare(10, 0.1, 0.01)).toMatchObject({ outcome: 'inconclusive', queriesNeeded: 20 });
  });

  it('takes another margin', () => {
    expect(compareQuality(baseline(100), candidate(100, 0, 0.25), { margin: 0.05 }).outcome).toBe('pass');
  });

  it('refuses lists of different length', () => {
    expect(() => compareQuality([1], [1, 1])).toThrow(TypeError);
    expect(() => compareQuality([], [])).toThrow(TypeError);
  });
});

describe('weighted kappa', () => {
  it('is 1 for agreement, 0 for chance, and as worked by hand', () => {
    expect(
      weightedKappa([
        [0, 0],
        [1, 1],
        [3, 3],
      ]),
    ).toBe(1);
    expect(
      weightedKappa([
        [0, 0],
        [0, 1],
        [1, 0],
        [1, 1],
      ]),
    ).toBe(0);
    // Observed (0 + 1 + 0) / 3; expected (0 + 4 + 9 + 1 + 1 + 4 + 9 + 1 + 0) / 9.
    expect(
      weightedKappa([
        [0, 0],
        [1, 2],
        [3, 3],
      ]),
    ).toBeCloseTo(1 - 1 / 3 / (29 / 9), 12);
    expect(
      weightedKappa(
        [
          [0, 0],
          [1, 2],
          [3, 3],
        ],
        'linear',
      ),
    ).toBeCloseTo(1 - 1 / 3 / (13 / 9), 12);
  });
});
