import type { CallOptions, EmbeddingProfile, VerifyProgress, VerifyResult } from '@switchyard/storage-core';
import type { BuildProgress } from './build/build.js';
import type { ConversionProblem, ProblemCounts } from './problems.js';
import type { LegacyCounts } from './source/counts.js';

/** Target of a conversion. */
export type ConversionTarget =
  /** A new file. */
  | { readonly type: 'file'; readonly path: string }
  /** The path of the legacy store, which is renamed to the backup. */
  | {
      readonly type: 'in-place';
      /** Path of the backup. Default: the path followed by `.legacy-backup`, and a number if that exists. */
      readonly backup?: string | undefined;
    };

/** Content of a legacy store, and the estimated cost of converting it. */
export interface ConversionPlan {
  readonly source: string;
  readonly level: number;
  readonly profile: EmbeddingProfile | null;
  readonly counts: LegacyCounts;
  /** Size of the legacy file and its WAL in bytes. */
  readonly sourceBytes: number;
  /** Estimated size of the new store in bytes, and free bytes at its location. */
  readonly neededBytes: number;
  readonly freeBytes: number;
  /** Estimated duration of the conversion in seconds, including verification. */
  readonly estimatedSeconds: number;
  readonly problemCounts: ProblemCounts;
  /** First problems; the report contains all of them. */
  readonly problems: readonly ConversionProblem[];
  /** Path of the report; null if there were no problems or no report was requested. */
  readonly report: string | null;
}

/** Progress of a conversion. */
export type ConversionProgress =
  | ({ readonly step: 'convert' } & BuildProgress)
  | ({ readonly step: 'verify' } & VerifyProgress)
  /** Waits for the process of an earlier conversion to the same target whose program was killed. */
  | { readonly step: 'wait' }
  | { readonly step: 'snapshot' }
  | { readonly step: 'publish' };

/** Options of a conversion. */
export interface ConversionOptions extends CallOptions {
  /** Path of the legacy store. It is never written, and only renamed by an in-place conversion. */
  readonly source: string;
  readonly target: ConversionTarget;
  /** File for problems, one JSON object per line. Default: the target followed by `.conversion-report.jsonl`. */
  readonly report?: string | undefined;
  /** Called with the progress; the conversion awaits a returned promise. */
  readonly onProgress?: ((progress: ConversionProgress) => unknown) | undefined;
}

/** Result of a conversion. */
export interface ConversionResult {
  /** True if an earlier conversion had already finished. */
  readonly alreadyConverted: boolean;
  /** True if an interrupted conversion was resumed. */
  readonly resumed: boolean;
  /** Path of the new store. */
  readonly target: string;
  /** Path of the legacy store: unchanged, or that of the backup. */
  readonly legacy: string;
  readonly level: number | null;
  readonly profile: EmbeddingProfile | null;
  readonly counts: (LegacyCounts & { readonly vectors: number }) | null;
  readonly problemCounts: ProblemCounts;
  /** Path of the report; null if there were no problems. */
  readonly report: string | null;
  /** Comparison of the new store with the legacy one, before the rename. */
  readonly verification: VerifyResult | null;
  /** Durations in seconds. */
  readonly seconds: { readonly convert: number; readonly verify: number };
}
