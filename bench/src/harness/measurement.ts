import { writeFileSync } from 'node:fs';
import { mean, median, quantile } from './stats.js';

/** One line of a result: what one contender did. */
export interface Measurement {
  readonly scenario: string;
  /** `libsql` and `legacy` are our backends, `sqlite-vec`, `libsql-scan` and `app-sql` plain SQL, others packages. */
  readonly contender: string;
  /** How many chunks or vectors are in what is searched or written to. */
  readonly n: number;
  readonly dim: number;
  /** How many hits were asked for; null where none are. */
  readonly k: number | null;
  /** In `unit`. */
  readonly p50: number;
  readonly p95: number;
  /** The share of the true answer that was found, from 0 to 1; null where nothing is searched. */
  readonly recall: number | null;
  /** The recall of the question that found the smallest share of its true answer. */
  readonly recallWorst?: number | undefined;
  /** The p50 of the reference contender over this one's; null without a reference. Higher is better than it. */
  readonly ratio: number | null;
  readonly unit: 'ms' | 'bytes/chunk' | 'MB';
  readonly reference: string | null;
  /** How many samples stand behind p50 and p95. */
  readonly samples: number;
  /** How the contender was set up, where that is a choice. */
  readonly parameters?: string | undefined;
  /** What else is worth saying, such as chunks a second. */
  readonly note?: string | undefined;
  /** How many versions of the same size are in the store. */
  readonly versions?: number | undefined;
  readonly chunksPerSecond?: number | undefined;
  /** Milliseconds of the processor, mean over all samples and summed over all threads. */
  readonly cpuMs?: number | undefined;
  /** Milliseconds to build what is searched. */
  readonly buildMs?: number | undefined;
  /** What searching takes beside the vectors themselves: on disk, and by how much a process grows. */
  readonly bytes?: { readonly disk: number; readonly memory: number } | undefined;
  /** How many of the vectors are embeddings of their own texts; the others are mixed from them. */
  readonly embedded?: number | undefined;
  /** Added round-trip time of the network in milliseconds. */
  readonly roundTripMs?: number | undefined;
}

/** What one contender did, before it is compared. */
export interface Observation extends Pick<Measurement, 'contender' | 'recall'> {
  readonly samples: readonly number[];
  /** Milliseconds of the processor for each sample. */
  readonly cpu?: readonly number[] | undefined;
  readonly extra?:
    | Partial<Omit<Measurement, keyof Common | 'contender' | 'recall' | 'samples' | 'cpuMs'>>
    | undefined;
}

/** What the rows of one comparison have in common, and what comparing them finds. */
type Common = Pick<
  Measurement,
  'scenario' | 'n' | 'dim' | 'k' | 'unit' | 'p50' | 'p95' | 'ratio' | 'reference'
>;

/** Compares what was observed with one contender among them, as medians of one interleaved run. */
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

/** Five digits are more than such measurements are worth. */
function round(value: number): number {
  return Number(value.toPrecision(5));
}
