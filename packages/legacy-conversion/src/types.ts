import type { CallOptions, EmbeddingProfile, VerifyProgress, VerifyResult } from '@switchyard/storage-core';
import type { BuildProgress } from './build/build.js';
import type { ConversionProblem, ProblemCounts } from './problems.js';
import type { LegacyCounts } from './source/counts.js';

/** Where a converted store goes. */
export type ConversionTarget =
  /** A new file. */
  | { readonly type: 'file'; readonly path: string }
  /** The path of the legacy store, which gets the name of the backup. */
  | {
      readonly type: 'in-place';
      /** Default: the path with `.legacy-backup` behind it, and a number where that is taken. */
      readonly backup?: string | undefined;
    };

/** What a legacy store is, and what converting it would take. */
export interface ConversionPlan {
  readonly source: string;
  readonly level: number;
  readonly profile: EmbeddingProfile | null;
  readonly counts: LegacyCounts;
  /** Bytes of the legacy file and its log. */
  readonly sourceBytes: number;
  /** About how many bytes the new store takes, and how many are free where it would be made. */
  readonly neededBytes: number;
  readonly freeBytes: number;
  /** About how long the conversion takes, verification included, on this machine at this moment. */
  readonly estimatedSeconds: number;
  readonly problemCounts: ProblemCounts;
  /** The first problems; all of them stand in the report. */
  readonly problems: readonly ConversionProblem[];
  /** Where all problems were written; null when there are none or no file was asked for. */
  readonly report: string | null;
}

/** How far a conversion has come. */
export type ConversionProgress =
  | ({ readonly step: 'convert' } & BuildProgress)
  | ({ readonly step: 'verify' } & VerifyProgress)
  /** Waits for the process of a conversion to the same target whose program was killed. */
  | { readonly step: 'wait' }
  | { readonly step: 'snapshot' }
  | { readonly step: 'publish' };

/** How a legacy store is converted. */
export interface ConversionOptions extends CallOptions {
  /** Path of the legacy store. It is never written, other than being renamed by a conversion in place. */
  readonly source: string;
  readonly target: ConversionTarget;
  /** Where problems are written, one JSON object a line. Default: the target with `.conversion-report.jsonl` behind it. */
  readonly report?: string | undefined;
  /** The conversion waits for a promise that it returns. */
  readonly onProgress?: ((progress: ConversionProgress) => unknown) | undefined;
}

/** What a conversion did. */
export interface ConversionResult {
  /** Whether there was nothing to do any more: an earlier conversion had finished. */
  readonly alreadyConverted: boolean;
  /** Whether it went on where an earlier one was stopped. */
  readonly resumed: boolean;
  /** The new store. */
  readonly target: string;
  /** Where the legacy store is: where it was, or under the name of the backup. */
  readonly legacy: string;
  readonly level: number | null;
  readonly profile: EmbeddingProfile | null;
  readonly counts: (LegacyCounts & { readonly vectors: number }) | null;
  readonly problemCounts: ProblemCounts;
  /** Where the problems were written; null without any. */
  readonly report: string | null;
  /** The comparison of the new store with the legacy one, before it got its name. */
  readonly verification: VerifyResult | null;
  /** How long it took. */
  readonly seconds: { readonly convert: number; readonly verify: number };
}
