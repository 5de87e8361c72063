import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import process from 'node:process';
import { setTimeout } from 'node:timers/promises';
import type { JsonObject, StoredScraperOptions } from '@switchyard/storage-core';
import { isProcessRunning } from '@switchyard/storage-isolation';
import { CliError } from '../cli-error.js';

/**
 * Age in milliseconds after which an unrenewed claim is treated as abandoned, even if its process cannot be checked.
 */
const CLAIM_MS = 120_000;
const RENEW_MS = 20_000;
/** Delay in milliseconds after which two runs that started simultaneously see each other's claim. */
const SETTLE_MS = 100;

/** A run of `index` on a version, stored as `run` in the version's scraper options. */
interface Run {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly renewedAt: number;
}

/** Access to the stored claim of a version. */
export interface ClaimStore {
  read(): Promise<StoredScraperOptions | null>;
  write(run: JsonObject | null): Promise<void>;
}

/**
 * Exclusive claim of one run on a version, so that two runs do not delete each other's pages. Works across processes
 * and hosts; a killed run is detected immediately on the same host, and after two minutes elsewhere.
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
   * @param name Name of the version, for messages.
   * @throws CliError `CLI_BUSY` while another run has claimed it.
   */
  static async take(store: ClaimStore, name: string): Promise<RunClaim> {
    const claim = new RunClaim(store, name);
    await claim.#requireFree();
    await claim.#write();
    await setTimeout(SETTLE_MS);
    await claim.check();
    claim.#timer = setInterval(() => {
      // The next renewal makes up for a failed one; the run itself reports problems of the store.
      claim.#renewal = claim.#write().catch(() => undefined);
    }, RENEW_MS).unref();
    return claim;
  }

  /** @throws CliError `CLI_BUSY` if another run took over the version. */
  async check(): Promise<void> {
    await this.#renewal;
    const run = runOf(await this.#store.read());
    if (run !== null && run.id !== this.#id) throw busy(this.#name, run);
  }

  /** Releases the claim. Never throws: a claim that remains expires soon. */
  async release(): Promise<void> {
    clearInterval(this.#timer);
    await this.#renewal;
    try {
      const run = runOf(await this.#store.read());
      if (run?.id === this.#id) await this.#store.write(null);
    } catch {
      // The failure of the run itself is reported.
    }
  }

  async #requireFree(): Promise<void> {
    requireUnclaimed(await this.#store.read(), this.#name);
  }

  async #write(): Promise<void> {
    await this.#store.write({ id: this.#id, host: hostname(), pid: process.pid, renewedAt: Date.now() });
  }
}

/**
 * Refuses a version that a run of `index` is working on.
 *
 * @param stored Scraper options of the version.
 * @param name Name of the version, for the message.
 * @throws CliError `CLI_BUSY`.
 */
export function requireUnclaimed(stored: StoredScraperOptions | null, name: string): void {
  const run = runOf(stored);
  if (run !== null && isAlive(run)) throw busy(name, run);
}

function runOf(stored: StoredScraperOptions | null): Run | null {
  const { id, host, pid, renewedAt } = (stored?.options.run ?? {}) as Partial<Run>;
  if (typeof id !== 'string' || typeof host !== 'string') return null;
  if (typeof pid !== 'number' || typeof renewedAt !== 'number') return null;
  return { id, host, pid, renewedAt };
}

function isAlive({ host, pid, renewedAt }: Run): boolean {
  if (Math.abs(Date.now() - renewedAt) > CLAIM_MS) return false;
  // In a restarted container, a new process, most likely this one, may have the pid of the old one.
  return host !== hostname() || (pid !== process.pid && isProcessRunning(pid));
}

function busy(name: string, { pid, host }: Run): CliError {
  return new CliError(
    'CLI_BUSY',
    `${name} is being indexed by another process, ${pid} on ${host}.`,
    'Wait until it finishes, or stop it; the claim of a killed process expires after at most two minutes.',
  );
}
