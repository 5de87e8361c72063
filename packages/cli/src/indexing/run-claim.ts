import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import process from 'node:process';
import { setTimeout } from 'node:timers/promises';
import type { JsonObject, StoredScraperOptions } from '@switchyard/storage-core';
import { isProcessRunning } from '@switchyard/storage-isolation';
import { CliError } from '../cli-error.js';

/** A run that did not renew its claim for so long is taken for dead, also where its process cannot be looked at. */
const CLAIM_MS = 120_000;
const RENEW_MS = 20_000;
/** Two runs that began at the same moment see each other's claim after so long. */
const SETTLE_MS = 100;

/** A run of `index` on a version, kept with the version as `run` of its scraper options. */
interface Run {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly renewedAt: number;
}

/** How a claim reads and writes what is kept with the version. */
export interface ClaimStore {
  read(): Promise<StoredScraperOptions | null>;
  write(run: JsonObject | null): Promise<void>;
}

/**
 * The claim of one run on a version, so that two runs do not delete each other's pages. It works across processes and
 * hosts; a run that was killed is noticed at once on the same host, elsewhere after two minutes.
 */
export class RunClaim {
  readonly #store: ClaimStore;
  readonly #name: string;
  readonly #id = randomUUID();
  #renewal: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  private constructor(store: ClaimStore, name: string) {
    this.#store = store;
    this.#name = name;
  }

  /**
   * Claims a version.
   *
   * @param name Of the version, for messages.
   * @throws CliError `CLI_BUSY` while another run has it.
   */
  static async take(store: ClaimStore, name: string): Promise<RunClaim> {
    const claim = new RunClaim(store, name);
    await claim.#requireFree();
    await claim.#write();
    await setTimeout(SETTLE_MS);
    await claim.check();
    claim.#timer = setInterval(() => {
      // A renewal that fails is made good by the next one; what is wrong with the store is told by the run itself.
      claim.#renewal = claim.#write().catch(() => undefined);
    }, RENEW_MS).unref();
    return claim;
  }

  /** @throws CliError `CLI_BUSY` when another run took the version over. */
  async check(): Promise<void> {
    await this.#renewal;
    const run = runOf(await this.#store.read());
    if (run !== null && run.id !== this.#id) throw busy(this.#name, run);
  }

  /** Ends the claim. Never throws: a claim that stays is out of date soon. */
  async release(): Promise<void> {
    clearInterval(this.#timer);
    await this.#renewal;
    try {
      const run = runOf(await this.#store.read());
      if (run?.id === this.#id) await this.#store.write(null);
    } catch {
      // The failure of the run itself is what is reported.
    }
  }

  async #requireFree(): Promise<void> {
    const run = runOf(await this.#store.read());
    if (run !== null && isAlive(run)) throw busy(this.#name, run);
  }

  async #write(): Promise<void> {
    await this.#store.write({ id: this.#id, host: hostname(), pid: process.pid, renewedAt: Date.now() });
  }
}

function runOf(stored: StoredScraperOptions | null): Run | null {
  const { id, host, pid, renewedAt } = (stored?.options.run ?? {}) as Partial<Run>;
  if (typeof id !== 'string' || typeof host !== 'string') return null;
  if (typeof pid !== 'number' || typeof renewedAt !== 'number') return null;
  return { id, host, pid, renewedAt };
}

function isAlive({ host, pid, renewedAt }: Run): boolean {
  if (Math.abs(Date.now() - renewedAt) > CLAIM_MS) return false;
  // In a container that was started again, a new process may have the number of the old one: this one, mostly.
  return host !== hostname() || (pid !== process.pid && isProcessRunning(pid));
}

function busy(name: string, { pid, host }: Run): CliError {
  return new CliError(
    'CLI_BUSY',
    `${name} is being indexed by another process, ${pid} on ${host}.`,
    'Wait until it ends, or end it; one that was killed counts no more after two minutes at the latest.',
  );
}
