import type { Corpus } from '../corpus/pages.js';
import type { Arguments } from '../harness/arguments.js';
import type { Measurement } from '../harness/measurement.js';
import type { Progress } from '../harness/progress.js';
import type { Workspace } from '../harness/workspace.js';

/** What every scenario works with. */
export interface Bench {
  readonly arguments: Arguments;
  readonly workspace: Workspace;
  readonly progress: Progress;
  /** The documentation, read at its first use. */
  corpus(): Promise<Corpus>;
}

/** One thing to measure. */
export interface Scenario {
  readonly name: string;
  readonly description: string;
  /** Whether a run without a scenario includes it, and how long it takes, in minutes. */
  readonly inDefaultRun: boolean;
  readonly minutes: number;
  run(bench: Bench): Promise<Measurement[]>;
}

/** Whether a contender takes part: always, unless the command line names some. */
export function takesPart({ contenders }: Arguments, name: string): boolean {
  return contenders === null || contenders.includes(name);
}

/** The numbers of a measurement: what the command line says, else what the scenario prefers, else these. */
export function standards(
  { n, dim, ks, queries, versions }: Arguments,
  preferred: { readonly n?: number; readonly limits?: readonly number[]; readonly queries?: number } = {},
) {
  return {
    n: n ?? preferred.n ?? 20_000,
    dim: dim ?? 768,
    limits: ks ?? preferred.limits ?? [10],
    queries: queries ?? preferred.queries ?? 60,
    versions: versions ?? 1,
  };
}
