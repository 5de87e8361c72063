import type { Stage } from '../machine/stages.js';
import { type BoundOptions, mismatchBound } from './bound.js';
import { defaultLimits, type Evidence, type GateLimits } from './evidence.js';

/** Condition of a gate, judged. */
export interface Condition {
  /** Name, such as `nothing-dirty`. */
  readonly name: string;
  /** True when the condition is met. */
  readonly passed: boolean;
  /** Figures, in a sentence. */
  readonly detail: string;
}

/** Judgment of a gate. */
export interface Judgment {
  /** True when every condition is met. */
  readonly passed: boolean;
  /** Conditions in the order they are shown. */
  readonly conditions: readonly Condition[];
}

type Judge = (evidence: Evidence, limits: GateLimits) => Condition;

const condition = (name: string, passed: boolean, detail: string): Condition => ({ name, passed, detail });

const filled: Judge = ({ libraries }) => {
  const without = libraries.filter(({ isFilled }) => !isFilled).map(({ library }) => library);
  return condition(
    'backfill-complete',
    without.length === 0,
    `${without.length} libraries without a marker.`,
  );
};

const nothingDirty: Judge = ({ libraries }) => {
  const dirty = libraries.filter((library) => library.dirty > 0 || library.hasGap);
  return condition('nothing-dirty', dirty.length === 0, `${dirty.length} libraries are dirty.`);
};

const verified: Judge = ({ verification, now }, { verificationAgeMs }) => {
  if (verification === null) return condition('digests-equal', false, 'Nothing was verified yet.');
  const isYoung = now - verification.at < verificationAgeMs;
  const hours = ((now - verification.at) / 3_600_000).toFixed(1);
  const detail = `${verification.differing} pages differed ${hours} hours ago.`;
  return condition('digests-equal', isYoung && verification.differing === 0, detail);
};

/** True when no comparison is asked for and there is none: then there is nothing to judge either. */
const isUnasked = ({ comparisons }: Evidence, limits: GateLimits): boolean =>
  limits.comparisons === 0 && comparisons.every((version) => version.comparisons === 0);

const comparedEnough: Judge = ({ comparisons, comparedSince, now }, limits) => {
  const total = comparisons.reduce((sum, version) => sum + version.comparisons, 0);
  const isLong = now - comparedSince >= limits.windowMs;
  const detail = `${total} distinct comparisons of ${limits.comparisons}, since ${new Date(comparedSince).toISOString()}.`;
  return condition('comparisons', total >= limits.comparisons && isLong, detail);
};

const everyVersion: Judge = ({ comparisons }, { comparisonsOfVersion }) => {
  const few = comparisons.filter(
    (version) => version.chunks >= comparisonsOfVersion && version.comparisons < comparisonsOfVersion,
  );
  const detail = `${few.length} versions with fewer than ${comparisonsOfVersion} comparisons.`;
  return condition('comparisons-of-versions', few.length === 0, detail);
};

const decided: Judge = (evidence, limits) => {
  const { comparisons } = evidence;
  if (isUnasked(evidence, limits)) return condition('decided', true, 'No comparison is asked for.');
  const total = comparisons.reduce((sum, version) => sum + version.comparisons, 0);
  const count = comparisons.reduce((sum, version) => sum + version.decided, 0);
  return condition(
    'decided',
    total > 0 && count >= total * limits.decidedShare,
    `${count} of ${total} decided.`,
  );
};

const latency: Judge = (evidence, limits) => {
  const { latencyRatio } = limits;
  if (isUnasked(evidence, limits)) return condition('latency', true, 'No comparison is asked for.');
  if (evidence.latency === null) return condition('latency', false, 'The latency was not measured.');
  const { old, new: fresh } = evidence.latency;
  const [p50, p99] = [fresh.p50 / old.p50, fresh.p99 / old.p99];
  const detail = `p50 ${p50.toFixed(2)} × and p99 ${p99.toFixed(2)} × the old side.`;
  return condition('latency', p50 <= latencyRatio.p50 && p99 <= latencyRatio.p99, detail);
};

const durable: Judge = ({ isDurableOrWaived }) =>
  condition(
    'durability',
    isDurableOrWaived,
    isDurableOrWaived ? 'Full, or waived.' : 'A power cut may take writes.',
  );

const confirmed: Judge = (evidence) =>
  condition('confirmed', evidence.confirmed, evidence.confirmed ? 'Confirmed.' : 'Not confirmed.');

const backedUp: Judge = ({ backupAt, now }, { backupAgeMs }) => {
  const passed = backupAt !== null && now - backupAt < backupAgeMs;
  return condition(
    'backup',
    passed,
    backupAt === null ? 'No backup.' : `Backup of ${new Date(backupAt).toISOString()}.`,
  );
};

const nobodyOlder: Judge = ({ olderProcesses }) =>
  condition('roster', olderProcesses === 0, `${olderProcesses} processes of an older release or epoch.`);

/** Bound of the mismatch rate, resampled by version. */
const agreement = (options: BoundOptions): Judge => {
  return (evidence, limits) => {
    const { comparisons } = evidence;
    if (isUnasked(evidence, limits)) return condition('agreement', true, 'No comparison is asked for.');
    const bound = mismatchBound(comparisons, options);
    const mismatches = comparisons.reduce((sum, version) => sum + version.mismatches, 0);
    const detail = `${mismatches} mismatches; the rate is below ${bound.toExponential(2)} with 95 %.`;
    return condition('agreement', bound < limits.mismatchRate, detail);
  };
};

const whole = [filled, nothingDirty, verified];

/** Returns the conditions of leaving a stage upward. */
function judgesOf(stage: Stage, options: BoundOptions): readonly Judge[] {
  const compared = [comparedEnough, everyVersion, decided, agreement(options), latency];
  switch (stage) {
    case 'off':
    case 'complete':
      return [];
    case 'dualwrite':
      return whole;
    case 'shadow':
      return [...whole, ...compared, durable];
    case 'live':
      return [...whole, ...compared];
    case 'rampdown':
      return [nothingDirty, verified, confirmed, backedUp, nobodyOlder];
  }
}

/** Settings of {@link judge}. */
export interface GateOptions extends BoundOptions {
  /** Limits other than {@link defaultLimits}. */
  readonly limits?: Partial<GateLimits> | undefined;
}

/**
 * Judges whether a rollout may leave a stage upward. Pure: the same evidence gives the same judgment.
 *
 * @throws TypeError for `complete`, from which nothing leads up.
 */
export function judge(stage: Stage, evidence: Evidence, options: GateOptions = {}): Judgment {
  if (stage === 'complete') throw new TypeError('No gate leads up: complete is the last stage.');
  const limits = { ...defaultLimits, ...options.limits };
  const conditions = judgesOf(stage, options).map((judgeOne) => judgeOne(evidence, limits));
  return { passed: conditions.every(({ passed }) => passed), conditions };
}
