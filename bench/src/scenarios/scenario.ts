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
