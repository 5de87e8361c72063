/** Comparisons of one version, as far as they were decided. */
export interface DecidedComparisons {
  /** Number of decided comparisons. */
  readonly decided: number;
  /** Number of those that differed. */
  readonly mismatches: number;
}

/** Settings of {@link mismatchBound}. */
export interface BoundOptions {
  /** Probability that the true rate is not above the bound. Default 0.95. */
  readonly confidence?: number | undefined;
  /** Number of resamplings. Default 2,000. */
  readonly rounds?: number | undefined;
  /** Seed of the resamplings. Default 1. */
  readonly seed?: number | undefined;
}

/**
 * Returns a one-sided upper bound of the mismatch rate: the larger of the exact binomial bound and a bootstrap that
 * resamples versions. Comparisons of one version tend to fail together, which the binomial bound does not see; without
 * any mismatch, the bootstrap sees nothing. Without decided comparisons the bound is 1.
 *
 * @example
 * ```ts
 * console.log(mismatchBound([{ decided: 3_000, mismatches: 0 }]).toFixed(5)); // '0.00100'
 * ```
 */
export function mismatchBound(versions: readonly DecidedComparisons[], options: BoundOptions = {}): number {
  const { confidence = 0.95, rounds = 2000, seed = 1 } = options;
  const { decided, mismatches } = sum(versions);
  const exact = binomialUpperBound(mismatches, decided, confidence);
  return mismatches === 0 ? exact : Math.max(exact, resampledBound(versions, confidence, rounds, seed));
}

function sum(versions: readonly DecidedComparisons[]): DecidedComparisons {
  let [decided, mismatches] = [0, 0];
  for (const version of versions) {
    decided += version.decided;
    mismatches += version.mismatches;
  }
  return { decided, mismatches };
}

/** One-sided upper bound of Clopper and Pearson: the rate at which so few events would have the probability left over. */
export function binomialUpperBound(events: number, trials: number, confidence: number): number {
  if (trials === 0 || events >= trials) return 1;
  if (events === 0) return 1 - (1 - confidence) ** (1 / trials);
  let [low, high] = [events / trials, 1];
  for (let step = 0; step < 60; step++) {
    const rate = (low + high) / 2;
    if (atMost(events, trials, rate) > 1 - confidence) low = rate;
    else high = rate;
  }
  return high;
}

/** One-sided lower bound of Clopper and Pearson: the rate at which so many events would have the probability left over. */
export function binomialLowerBound(events: number, trials: number, confidence: number): number {
  return 1 - binomialUpperBound(trials - events, trials, confidence);
}

/** Probability of this number of events or fewer. */
function atMost(events: number, trials: number, rate: number): number {
  let logTerm = trials * Math.log1p(-rate);
  let total = Math.exp(logTerm);
  for (let count = 1; count <= events; count++) {
    logTerm += Math.log((trials - count + 1) / count) + Math.log(rate) - Math.log1p(-rate);
    total += Math.exp(logTerm);
  }
  return Math.min(1, total);
}

/** Quantile of the rate over resamplings of whole versions. */
function resampledBound(
  versions: readonly DecidedComparisons[],
  confidence: number,
  rounds: number,
  seed: number,
): number {
  const random = generator(seed);
  const pick = () => versions[Math.floor(random() * versions.length)] as DecidedComparisons;
  const rates: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const { decided, mismatches } = sum(versions.map(pick));
    rates.push(decided === 0 ? 0 : mismatches / decided);
  }
  rates.sort((a, b) => a - b);
  return rates[Math.min(rounds - 1, Math.ceil(confidence * rounds))] ?? 1;
}

/** Seeded numbers from 0 up to 1 (mulberry32): the same evidence gives the same bound everywhere. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
