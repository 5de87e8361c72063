import { channel } from 'node:diagnostics_channel';
import type { Comparisons } from '../compare/comparisons.js';
import { binomialLowerBound } from '../gates/bound.js';
import type { Authorities } from './authorities.js';
import type { GateKeeper } from './gate-keeper.js';
import type { StageCommands } from './stage-commands.js';

/** Probability that the mismatch rate is above the limit, from which reads are turned back. */
const CONFIDENCE = 0.95;

/** Reads that were turned back to the old side because the gate of `live` failed. */
export interface AutomaticDemotion {
  /** Time in milliseconds since the epoch. */
  readonly at: number;
  readonly decided: number;
  readonly mismatches: number;
  /** Lower bound of the mismatch rate, with 95 %. */
  readonly rate: number;
}

/** Channel on which each {@link AutomaticDemotion} is published. */
export const DEMOTION_CHANNEL = 'switchyard:rollout:demotion';

const demotions = channel(DEMOTION_CHANNEL);

/** Dependencies of {@link LiveGuard}. */
export interface LiveGuardContext {
  readonly authorities: Authorities;
  readonly commands: StageCommands;
  readonly gates: GateKeeper;
  /** Returns the comparisons of the open backend. */
  readonly comparisons: () => Comparisons;
}

/**
 * Lowers `live` to `shadow` with a latch when the mismatch rate is above the limit of the gate, as far as the comparisons can
 * tell. Moves no library: those at the new side are read from the old one where that is clean. Never raises anything.
 */
export class LiveGuard {
  readonly #context: LiveGuardContext;
  #running: Promise<void> | null = null;
  #last: AutomaticDemotion | null = null;

  constructor(context: LiveGuardContext) {
    this.#context = context;
  }

  /** Last demotion by this process; null if there was none. */
  get last(): AutomaticDemotion | null {
    return this.#last;
  }

  /** Judges in the background. Never throws; a demotion that fails is tried again at the next mismatch. */
  check(): void {
    this.#running ??= this.#check()
      .catch(() => undefined)
      .finally(() => {
        this.#running = null;
      });
  }

  /** Waits for a judgment that is under way. */
  async close(): Promise<void> {
    await this.#running;
  }

  async #check(): Promise<void> {
    const { authorities, commands, gates, comparisons } = this.#context;
    const row = await authorities.control();
    if (row.stage !== 'live') return;
    comparisons().during(row.revision);
    let [decided, mismatches] = [0, 0];
    for (const version of comparisons().report().versions) {
      decided += version.decided;
      mismatches += version.mismatches;
    }
    const rate = binomialLowerBound(mismatches, decided, CONFIDENCE);
    if (rate <= gates.limits.mismatchRate) return;
    const evidence = { decided, mismatches, rate };
    const reason = 'The mismatch rate is above the limit of the gate.';
    const cause = { reason, evidence, revision: row.revision };
    const { latched } = await commands.change({ kind: 'latch', to: 'shadow' }, undefined, cause);
    if (!latched) return;
    this.#last = { at: Date.now(), decided, mismatches, rate };
    demotions.publish(this.#last);
  }
}
