import { applied, type Ledger, type Operation } from '../crash/ledger.js';
import type { Random } from '../harness/random.js';
import { Disk, LOSSES, type Loss } from './disk.js';
import type { DiskEvent } from './events.js';

/** Moment of a power cut and its losses. */
export interface Cut {
  readonly index: number;
  /** Number of events before the cut. */
  readonly at: number;
  readonly loss: Loss;
}

/** Allowed and required content of an image. */
export interface Expectation {
  /** States from the one that is required at least to the one that was begun last. */
  readonly states: readonly Ledger[];
  /** Number of operations acknowledged before the cut, and of those that a completed sync covers. */
  readonly acknowledged: number;
  readonly guaranteed: number;
  /** Number of operations in each of the states. */
  readonly operations: readonly number[];
}

/** Chooses cuts: at any moment, and more often near a sync or a change of names. */
export function chooseCuts(events: readonly DiskEvent[], count: number, random: Random): Cut[] {
  const turning = events.flatMap(({ kind }, at) => (kind === 'write' || kind === 'mark' ? [] : [at]));
  const cuts = Array.from({ length: count }, (_, index) => {
    const near = turning.length > 0 && random.chance(0.5);
    const at = near ? random.pick(turning) + random.below(7) - 3 : random.below(events.length + 1);
    return {
      index,
      at: Math.max(0, Math.min(events.length, at)),
      loss: LOSSES[index % LOSSES.length] as Loss,
    };
  });
  return cuts.sort((a, b) => a.at - b.at || a.index - b.index);
}

/** Plays a recording up to one cut after the other. */
export class Player {
  readonly #events: readonly DiskEvent[];
  readonly #disk = new Disk();
  /** State after each change, with the number of complete operations in it. */
  readonly #states: { readonly ledger: Ledger; readonly operations: number }[] = [
    { ledger: {}, operations: 0 },
  ];
  #at = 0;
  #begun = 0;
  #acknowledged = 0;
  #guaranteed = 0;
  #hasLog = false;
  /** Acknowledged operations that no sync covers yet, by the number of the event. */
  #unsynced: { readonly at: number; readonly acknowledged: number }[] = [];

  constructor(events: readonly DiskEvent[]) {
    this.#events = events;
  }

  /** Continues to a moment, which must not be before the last one. */
  playTo(at: number): void {
    for (; this.#at < at; this.#at++) {
      const event = this.#events[this.#at] as DiskEvent;
      this.#disk.apply(event, this.#at);
      if (event.kind === 'mark') this.#mark(event.text);
      else if (event.kind === 'create' && isLog(event.name)) this.#hasLog = true;
      else if (event.kind === 'unlink' && isLog(event.name)) this.#hasLog = false;
      else if (event.kind === 'sync' && isLog(event.name)) this.#synced(event.since);
      // Without a WAL, a transaction ends when its journal is deleted, which is durable once the folder is synced.
      else if (event.kind === 'sync-folder' && !this.#hasLog) this.#synced(event.since);
    }
  }

  image(loss: Loss, random: Random): Map<string, Buffer> {
    return this.#disk.image(loss, random);
  }

  expectation(): Expectation {
    const possible = this.#states.filter(({ operations }) => operations >= this.#guaranteed);
    return {
      states: possible.map(({ ledger }) => ledger),
      operations: possible.map(({ operations }) => operations),
      acknowledged: this.#acknowledged,
      guaranteed: this.#guaranteed,
    };
  }

  #mark(text: string): void {
    if (text === 'acknowledged') {
      this.#acknowledged += 1;
      this.#unsynced.push({ at: this.#at, acknowledged: this.#acknowledged });
      return;
    }
    const operation = JSON.parse(text.replace(/^begin /, '')) as Operation;
    let ledger = (this.#states.at(-1) as { ledger: Ledger }).ledger;
    for (const [index, change] of operation.entries()) {
      ledger = applied(ledger, [change]);
      const isWhole = index === operation.length - 1;
      this.#states.push({ ledger, operations: isWhole ? this.#begun + 1 : this.#begun });
    }
    this.#begun += 1;
  }

  /** Operations acknowledged before a sync began are durable from now on. */
  #synced(since: number): void {
    for (const { at, acknowledged } of this.#unsynced) if (at < since) this.#guaranteed = acknowledged;
    this.#unsynced = this.#unsynced.filter(({ at }) => at >= since);
  }
}

function isLog(name: string): boolean {
  return name.endsWith('-wal');
}
