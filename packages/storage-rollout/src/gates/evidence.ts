import type { DecidedComparisons } from './bound.js';

/** Facts that a gate judges. Gathered by I/O elsewhere; kept in the audit log as they were judged. */
export interface Evidence {
  /** Moment of the judgment, in milliseconds since the epoch, as are all times here. */
  readonly now: number;
  /** Libraries, with what their records say. */
  readonly libraries: readonly LibraryEvidence[];
  /** Last full verification; null when there was none. */
  readonly verification: Verification | null;
  /** Distinct comparisons of the window, by version. */
  readonly comparisons: readonly VersionEvidence[];
  /** Beginning of the window of comparisons. */
  readonly comparedSince: number;
  /** Latency of both sides; null when it was not measured. */
  readonly latency: LatencyEvidence | null;
  /** Presence of what only a person can know. */
  readonly confirmed: boolean;
  /** Time of the last backup of the side that is left; null when there is none. */
  readonly backupAt: number | null;
  /** Processes that run an older release or epoch. */
  readonly olderProcesses: number;
  /** True when the new authority makes every commit durable, or the operator waived it. */
  readonly isDurableOrWaived: boolean;
}

/** Records of a library, in numbers. */
export interface LibraryEvidence {
  readonly library: string;
  /** True when the completeness marker belongs to the present incarnation, epoch and triggers. */
  readonly isFilled: boolean;
  /** Number of dirty entries; 1 stands for any number where they were not counted. */
  readonly dirty: number;
  /** True while changes lost in a power cut are looked for. */
  readonly hasGap: boolean;
}

/** Result of comparing digests of the whole stores. */
export interface Verification {
  readonly at: number;
  /** Number of pages that differed. */
  readonly differing: number;
}

/** Comparisons of one version in the window. */
export interface VersionEvidence extends DecidedComparisons {
  readonly library: string;
  readonly version: string;
  /** Number of chunks of the version. */
  readonly chunks: number;
  /** Number of distinct comparisons, decided or not. */
  readonly comparisons: number;
}

/** Percentiles of both sides, in milliseconds. */
export interface LatencyEvidence {
  readonly old: { readonly p50: number; readonly p99: number };
  readonly new: { readonly p50: number; readonly p99: number };
}

/** Limits that a gate applies. */
export interface GateLimits {
  /** Maximum age of the verification. Default 24 hours. */
  readonly verificationAgeMs: number;
  /** Minimum length of the window of comparisons. Default 24 hours. */
  readonly windowMs: number;
  /** Minimum number of distinct comparisons. Default 3,000; 0 passes without any. */
  readonly comparisons: number;
  /** Minimum number of comparisons of a version that has as many chunks. Default 50. */
  readonly comparisonsOfVersion: number;
  /** Minimum part of the comparisons that is decided. Default 0.5. */
  readonly decidedShare: number;
  /** Upper bound of the mismatch rate must be below this. Default 1.0e-3. */
  readonly mismatchRate: number;
  /** Maximum ratio of latencies, new to old. Default 1.15 for p50 and 1.5 for p99. */
  readonly latencyRatio: { readonly p50: number; readonly p99: number };
  /** Maximum age of the backup. Default 24 hours. */
  readonly backupAgeMs: number;
}

const DAY_MS = 86_400_000;

/** Limits that apply unless the operator sets others. */
export const defaultLimits: GateLimits = {
  verificationAgeMs: DAY_MS,
  windowMs: DAY_MS,
  comparisons: 3000,
  comparisonsOfVersion: 50,
  decidedShare: 0.5,
  mismatchRate: 1e-3,
  latencyRatio: { p50: 1.15, p99: 1.5 },
  backupAgeMs: DAY_MS,
};
