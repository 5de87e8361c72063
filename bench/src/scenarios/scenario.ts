import type { Corpus } from '../corpus/pages.js';
import type { Arguments } from '../harness/arguments.js';
import type { Measurement } from '../harness/measurement.js';
import type { Progress } from '../harness/progress.js';
import type { Workspace } from '../harness/workspace.js';

/** Environment of a scenario. */
export interface Bench {
  readonly arguments: Arguments;
  readonly workspace: Workspace;
  readonly progress: Progress;
  /** The documentation, loaded on first use. */
  corpus(): Promise<Corpus>;
}

/** One measurement. */
export interface Scenario {
  readonly name: string;
  readonly description: string;
  /** True if a run without a scenario includes it. */
  readonly inDefaultRun: boolean;
  readonly minutes: number;
  run(bench: Bench): Promise<Measurement[]>;
}

/** Returns true if a contender takes part: always, unless the command line names some. */
export function takesPart({ contenders }: Arguments, name: string): boolean {
  return contenders === null || contenders.includes(name);
}

/** Parameters of a measurement: from the command line, else from the scenario, else these defaults. */
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
