import { writeFileSync } from 'node:fs';
import { mean, median, quantile } from './stats.js';

/** One row of a result: the figures of one contender. */
export interface Measurement {
  readonly scenario: string;
  /**
   * `libsql` and `legacy` are our backends; `sqlite-vec`, `libsql-scan` and `app-sql` are plain SQL; others are
   * packages.
   */
  readonly contender: string;
  /** Number of chunks or vectors in the searched or written version. */
  readonly n: number;
  readonly dim: number;
  /** Number of requested hits; null if not applicable. */
  readonly k: number | null;
  /** Median, in `unit`. */
  readonly p50: number;
  readonly p95: number;
  /** Share of the true answer that was found, from 0 to 1; null for anything but a search. */
  readonly recall: number | null;
  /** Recall of the question with the lowest recall. */
  readonly recallWorst?: number | undefined;
  /** The p50 of the reference contender divided by this one's; null without a reference. Higher is better. */
  readonly ratio: number | null;
  readonly unit: 'ms' | 'bytes/chunk' | 'MB';
  readonly reference: string | null;
  /** Number of samples behind p50 and p95. */
  readonly samples: number;
  /** Settings of the contender, if there is a choice. */
  readonly parameters?: string | undefined;
  /** Further information, such as chunks per second. */
  readonly note?: string | undefined;
  /** Number of versions of the same size in the store. */
  readonly versions?: number | undefined;
  readonly chunksPerSecond?: number | undefined;
  /** Processor time in milliseconds, mean over all samples and summed over all threads. */
  readonly cpuMs?: number | undefined;
  /** Time to build the index, in milliseconds. */
  readonly buildMs?: number | undefined;
  /** Cost of searching beyond the vectors themselves: bytes on disk, and growth of the process. */
  readonly bytes?: { readonly disk: number; readonly memory: number } | undefined;
  /** Number of vectors that are embeddings of their own texts; the others are mixed from them. */
  readonly embedded?: number | undefined;
  /** Added round-trip time of the network in milliseconds. */
  readonly roundTripMs?: number | undefined;
}

/** Figures of one contender before the comparison. */
export interface Observation extends Pick<Measurement, 'contender' | 'recall'> {
  readonly samples: readonly number[];
  /** Processor time of each sample, in milliseconds. */
  readonly cpu?: readonly number[] | undefined;
  readonly extra?:
    | Partial<Omit<Measurement, keyof Common | 'contender' | 'recall' | 'samples' | 'cpuMs'>>
    | undefined;
}

/** Properties shared by the rows of one comparison, and those that it computes. */
type Common = Pick<
  Measurement,
  'scenario' | 'n' | 'dim' | 'k' | 'unit' | 'p50' | 'p95' | 'ratio' | 'reference'
>;

/** Compares observations with one contender among them, as medians of one interleaved run. */
export function compare(
  about: Pick<Measurement, 'scenario' | 'n' | 'dim' | 'k' | 'unit'>,
  reference: string,
  observations: readonly Observation[],
): Measurement[] {
  const base = observations.find(({ contender }) => contender === reference);
  const basis = base === undefined ? null : median(base.samples);
  return observations.map(({ contender, recall, samples, cpu, extra }) => {
    const p50 = median(samples);
    return {
      ...about,
      contender,
      p50: round(p50),
      p95: round(quantile(samples, 0.95)),
      recall: recall === null ? null : round(recall),
      ratio: basis === null ? null : round(basis / p50),
      reference: basis === null ? null : reference,
      samples: samples.length,
      ...(cpu === undefined ? {} : { cpuMs: round(mean(cpu)) }),
      ...extra,
    };
  });
}

export function writeJson(file: string, measurements: readonly Measurement[]): void {
  writeFileSync(file, `${JSON.stringify(measurements, null, 2)}\n`);
}

/** More than five digits are not significant. */
function round(value: number): number {
  return Number(value.toPrecision(5));
}
