import {
  binomialLowerBound,
  binomialUpperBound,
  defaultLimits,
  type Evidence,
  judge,
  mismatchBound,
  type Stage,
  stages,
  type VersionEvidence,
} from '@switchyard/storage-rollout';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const DAY_MS = 86_400_000;
const now = Date.UTC(2026, 0, 2);

const version = (change: Partial<VersionEvidence> = {}): VersionEvidence => ({
  library: 'fastify',
  version: '5.0',
  chunks: 400,
  comparisons: 3000,
  decided: 3000,
  mismatches: 0,
  ...change,
});

/** Evidence that passes every gate. */
const good: Evidence = {
  now,
  libraries: [{ library: 'fastify', isFilled: true, dirty: 0, hasGap: false }],
  verification: { at: now - 1000, differing: 0 },
  comparisons: [version()],
  comparedSince: now - DAY_MS,
  latency: { old: { p50: 10, p99: 40 }, new: { p50: 11, p99: 50 } },
  confirmed: true,
  backupAt: now - 1000,
  olderProcesses: 0,
  isDurableOrWaived: true,
};

const failed = (stage: Stage, evidence: Evidence) =>
  judge(stage, evidence)
    .conditions.filter(({ passed }) => !passed)
    .map(({ name }) => name);

describe('the bound of the mismatch rate', () => {
  it.each([
    // One-sided 95 % bounds of Clopper and Pearson; see any table of exact binomial limits.
    [0, 10, 0.2589],
    [0, 3000, 9.981e-4],
    [0, 10_000, 2.995e-4],
    [0, 30_000, 9.985e-5],
    [1, 10, 0.3942],
    [5, 10, 0.7776],
    [1, 100, 0.0466],
    [10, 10, 1],
    [0, 0, 1],
  ])('%d of %d', (events, trials, bound) => {
    expect(binomialUpperBound(events, trials, 0.95)).toBeCloseTo(bound, bound < 0.01 ? 7 : 4);
  });

  it.each([
    [0, 10, 0],
    [1, 10, 0.0051],
    [5, 10, 0.2224],
    [10, 10, 0.7411],
    [1, 1, 0.05],
  ])('from below, %d of %d', (events, trials, bound) => {
    expect(binomialLowerBound(events, trials, 0.95)).toBeCloseTo(bound, 4);
  });

  it('is wider when the mismatches are of one version', () => {
    const spread = Array.from({ length: 30 }, () => ({ decided: 100, mismatches: 1 }));
    const clustered = Array.from({ length: 30 }, (_, index) => ({
      decided: 100,
      mismatches: index === 0 ? 30 : 0,
    }));
    expect(mismatchBound(clustered)).toBeGreaterThan(2 * mismatchBound(spread));
  });

  it('is never below the observed rate, never below the exact bound, and repeatable', () => {
    const counts = fc
      .tuple(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 200 }))
      .map(([a, b]) => ({ decided: Math.max(a, b), mismatches: Math.min(a, b) }));
    fc.assert(
      fc.property(fc.array(counts, { minLength: 1, maxLength: 8 }), (versions) => {
        const options = { rounds: 200 };
        const bound = mismatchBound(versions, options);
        const decided = versions.reduce((sum, one) => sum + one.decided, 0);
        const mismatches = versions.reduce((sum, one) => sum + one.mismatches, 0);
        expect(bound).toBeGreaterThanOrEqual(binomialUpperBound(mismatches, decided, 0.95));
        expect(bound).toBeGreaterThanOrEqual(decided === 0 ? 1 : mismatches / decided);
        expect(mismatchBound(versions, options)).toBe(bound);
      }),
      { numRuns: 200 },
    );
  });
});

describe('gates', () => {
  it.each(stages.filter((stage) => stage !== 'complete'))('%s: good evidence passes', (stage) => {
    expect(failed(stage, good)).toEqual([]);
    expect(judge(stage, good).passed).toBe(true);
  });

  it('ask for no comparison where the limit is 0, and judge those that there are', () => {
    const limits = { comparisons: 0, windowMs: 0, comparisonsOfVersion: 0 };
    const none = { ...good, comparisons: [version({ comparisons: 0, decided: 0 })], latency: null };
    expect(judge('shadow', none, { limits }).passed).toBe(true);
    const bad = { ...none, comparisons: [version({ comparisons: 4, decided: 4, mismatches: 1 })] };
    expect(judge('shadow', bad, { limits }).passed).toBe(false);
  });

  it('refuse to lead up from complete', () => {
    expect(() => judge('complete', good)).toThrow(TypeError);
  });

  const stale = { at: now - DAY_MS, differing: 0 };
  const dirty = [{ library: 'fastify', isFilled: true, dirty: 1, hasGap: false }];
  it.each<[Stage, string, Partial<Evidence>, string]>([
    [
      'dualwrite',
      'a library without a marker',
      { libraries: [{ library: 'a', isFilled: false, dirty: 0, hasGap: false }] },
      'backfill-complete',
    ],
    ['dualwrite', 'a dirty page', { libraries: dirty }, 'nothing-dirty'],
    [
      'live',
      'a gap',
      { libraries: [{ library: 'a', isFilled: true, dirty: 0, hasGap: true }] },
      'nothing-dirty',
    ],
    ['rampdown', 'a dirty page', { libraries: dirty }, 'nothing-dirty'],
    ['dualwrite', 'no verification', { verification: null }, 'digests-equal'],
    ['dualwrite', 'a verification of yesterday', { verification: stale }, 'digests-equal'],
    ['rampdown', 'a page that differs', { verification: { at: now, differing: 1 } }, 'digests-equal'],
    ['shadow', 'one comparison too few', { comparisons: [version({ comparisons: 2999 })] }, 'comparisons'],
    ['shadow', 'a window too short', { comparedSince: now - DAY_MS + 1 }, 'comparisons'],
    [
      'shadow',
      'a version nobody asked',
      { comparisons: [version(), version({ version: '4', comparisons: 49, decided: 49 })] },
      'comparisons-of-versions',
    ],
    [
      'live',
      'more than half undecided',
      { comparisons: [version({ comparisons: 6001, decided: 3000 })] },
      'decided',
    ],
    ['live', 'one mismatch', { comparisons: [version({ mismatches: 1 })] }, 'agreement'],
    [
      'shadow',
      'a slow median',
      { latency: { old: { p50: 10, p99: 40 }, new: { p50: 12, p99: 40 } } },
      'latency',
    ],
    [
      'shadow',
      'a slow tail',
      { latency: { old: { p50: 10, p99: 40 }, new: { p50: 10, p99: 61 } } },
      'latency',
    ],
    ['live', 'no latency', { latency: null }, 'latency'],
    ['shadow', 'no durability', { isDurableOrWaived: false }, 'durability'],
    ['rampdown', 'no confirmation', { confirmed: false }, 'confirmed'],
    ['rampdown', 'no backup', { backupAt: null }, 'backup'],
    ['rampdown', 'an old backup', { backupAt: now - DAY_MS }, 'backup'],
    ['rampdown', 'an older process', { olderProcesses: 1 }, 'roster'],
  ])('%s: %s fails', (stage, _what, change, name) => {
    expect(failed(stage, { ...good, ...change })).toEqual([name]);
  });

  it('ask no comparisons of a version that is too small', () => {
    const small = version({ version: '1', chunks: 49, comparisons: 1, decided: 1 });
    expect(failed('shadow', { ...good, comparisons: [version(), small] })).toEqual([]);
  });

  it('apply other limits when told to', () => {
    const evidence = { ...good, comparisons: [version({ mismatches: 1 })] };
    expect(judge('live', evidence, { limits: { mismatchRate: 0.01 } }).passed).toBe(true);
    expect(defaultLimits.mismatchRate).toBe(1e-3);
  });
});
