import type { CallOptions } from '@switchyard/storage-core';
import { withinCall } from '@switchyard/storage-core/backend';
import { deciderOf } from '../machine/control.js';
import { otherSide, type Side, sides } from '../machine/sides.js';
import { NAME } from './capabilities.js';
import { inTime } from './errors.js';
import type { Logs } from './run-task.js';
import type { Stores } from './stores.js';

/** Shortest and longest time in milliseconds before a side that could not be opened is tried again. */
const BACKOFF_MS = { min: 100, max: 30_000 };

/** State of one side, for reports. */
export interface SideStatus {
  /** True once the side was opened and connected to. */
  readonly isOpen: boolean;
  /** Error of the last attempt to open it; null if there was none. */
  readonly error: Error | null;
}

/** Dependencies of {@link SideStores}. */
export interface SideStoresContext {
  readonly stores: Stores;
  readonly logs: Logs;
  readonly boots: Readonly<Record<Side, string>>;
  /** Time in milliseconds for which opening waits for the second side, once the first is open. */
  readonly openMs: number;
  /** Called when a side was opened after the opening of the rollout. */
  readonly opened: (side: Side) => void;
}

/**
 * Opens both stores of a rollout. The side that has the authority is sufficient: the other one is opened in the background,
 * again and again with backoff. In `live`, when either may hold libraries, any side is sufficient.
 */
export class SideStores {
  readonly #context: SideStoresContext;
  readonly #status: Record<Side, SideStatus> = { old: CLOSED, new: CLOSED };
  readonly #timers = new Map<Side, NodeJS.Timeout>();
  #isReady = false;
  #isClosed = false;

  constructor(context: SideStoresContext) {
    this.#context = context;
  }

  /** State of both sides. */
  get status(): Readonly<Record<Side, SideStatus>> {
    return { ...this.#status };
  }

  /** @throws StorageError of the side that is needed. */
  async open(options: CallOptions | undefined): Promise<void> {
    const attempts = { old: this.#attempt('old'), new: this.#attempt('new') };
    try {
      const both = Promise.all([attempts.old, attempts.new]);
      await withinCall(options, NAME, Promise.race([both, this.#patience(attempts)]));
      const missing = await this.#missing();
      if (missing !== null) {
        await withinCall(options, NAME, attempts[missing]);
        if (!this.#status[missing].isOpen) throw this.#status[missing].error;
      }
    } catch (error) {
      await this.close();
      throw error;
    }
    this.#isReady = true;
    for (const side of sides) {
      if (this.#status[side].isOpen) continue;
      void attempts[side].then((isOpen) => {
        if (!isOpen) this.#later(side, 0);
      });
    }
  }

  /** Ends the attempts and closes both stores. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    for (const side of sides) await this.#context.stores[side].close();
  }

  /** Opens and connects to a side. Never rejects: the status says what came of it. */
  async #attempt(side: Side): Promise<boolean> {
    const { stores, logs, boots, opened } = this.#context;
    try {
      await stores[side].open();
      await logs[side].connect(boots[side]);
      this.#status[side] = { isOpen: true, error: null };
      if (this.#isReady && !this.#isClosed) opened(side);
      return true;
    } catch (error) {
      // A store that is open and could not be connected to is opened again.
      await stores[side].close().catch(() => undefined);
      this.#status[side] = {
        isOpen: false,
        error: error instanceof Error ? error : new Error(String(error)),
      };
      return false;
    }
  }

  /** Resolves when one side was opened and the other one had its time. */
  async #patience(attempts: Readonly<Record<Side, Promise<boolean>>>): Promise<void> {
    const first = await Promise.race(sides.map(async (side) => ({ side, isOpen: await attempts[side] })));
    if (!first.isOpen) await attempts[otherSide(first.side)];
    else await inTime(attempts[otherSide(first.side)], this.#context.openMs);
  }

  /** The side that is not open and without which nothing can be done; null if there is none. */
  async #missing(): Promise<Side | null> {
    const [side, ...others] = sides.filter((one) => this.#status[one].isOpen);
    if (side === undefined) return this.#status.new.error === null ? 'new' : 'old';
    if (others.length > 0) return null;
    const { row } = await this.#context.logs[side].readControl();
    return row.stage === 'live' || deciderOf(row.stage) === side ? null : otherSide(side);
  }

  #later(side: Side, failures: number): void {
    if (this.#isClosed) return;
    const delay = Math.min(BACKOFF_MS.min * 2 ** failures, BACKOFF_MS.max);
    const again = async () => {
      if (!(await this.#attempt(side))) this.#later(side, failures + 1);
    };
    this.#timers.set(side, setTimeout(() => void again(), delay).unref());
  }
}

const CLOSED: SideStatus = { isOpen: false, error: null };
