import type { CallOptions } from '@switchyard/storage-core';
import type { LibraryLog, StageReading } from '@switchyard/storage-core/backend';
import { type ControlRow, deciderOf, latestRow } from '../machine/control.js';
import { type Resolution, resolveAuthority } from '../machine/resolve-authority.js';
import { otherSide, type Side, sides } from '../machine/sides.js';
import { inTime, isUnreachable } from './errors.js';
import { neitherReadable } from './refusals.js';
import type { Logs } from './run-task.js';

/** Time in milliseconds for which a process trusts what it read of the stage and of authorities. */
const TRUSTED_MS = 500;

/** Time in milliseconds for which a record is waited for when the one of the other side is sufficient. */
const PATIENCE_MS = 250;

interface Cached<T> {
  readonly value: T;
  readonly at: number;
}

/** Stage as a process knows it. */
export interface StageView {
  readonly row: ControlRow;
  /** Libraries that are not at the side of the stage, as that side knows. */
  readonly away: readonly string[];
}

/** Authority over a library as a process knows it, and what it last knew for certain. */
export interface LibraryView {
  readonly now: Resolution;
  /** Last side that was known to hold the library; null if none was. */
  readonly last: Extract<Resolution, { readonly kind: 'held' }> | null;
}

/** Stage rows of the sides that could be read. */
export type StageReadings = Readonly<Record<Side, StageReading | null>>;

/**
 * Stage and authorities as one process knows them. A write is checked again by the store that takes it. A side that cannot
 * be read is only missed where the record of the other one does not suffice; it delays nobody else.
 */
export class Authorities {
  readonly #logs: Logs;
  readonly #now: () => number;
  readonly #libraries = new Map<string, Cached<Resolution>>();
  readonly #last = new Map<string, Extract<Resolution, { readonly kind: 'held' }>>();
  #stage: Cached<StageView> | null = null;
  #known: StageView | null = null;
  #reading: Promise<StageView> | null = null;

  constructor(logs: Logs, now: () => number = Date.now) {
    this.#logs = logs;
    this.#now = now;
  }

  /** Returns the persisted stage. */
  async control(): Promise<ControlRow> {
    return (await this.stage()).row;
  }

  /**
   * Returns the persisted stage: the row of the side that decides, or else the last one known.
   *
   * @throws StorageError `STORAGE_UNREACHABLE` if neither side was ever read.
   */
  async stage(): Promise<StageView> {
    if (this.#stage !== null && this.#isFresh(this.#stage)) return this.#stage.value;
    this.#reading ??= this.#readStage().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  /** Reads the stage rows of both sides; null for one that cannot be read. @throws StorageError if neither can. */
  async readings(): Promise<StageReadings> {
    const [old, other] = await Promise.all(sides.map((side) => this.#readControl(side)));
    if (old == null && other == null) throw neitherReadable();
    return { old: old ?? null, new: other ?? null };
  }

  /** Gives both sides the row that counts. @returns False if one of them cannot be reached. */
  async carry(): Promise<boolean> {
    const { old, new: other } = await this.readings();
    if (old === null || other === null) return false;
    const row = latestRow(old.row, other.row);
    const behind = old.row.revision < row.revision ? 'old' : 'new';
    if (old.row.revision === other.row.revision) return true;
    await this.#logs[behind].carryStage(row);
    return true;
  }

  /** Returns who may write a library. */
  of(library: string, options?: CallOptions): Promise<Resolution> {
    return this.#find(library, options, false);
  }

  async #find(library: string, options: CallOptions | undefined, isHasty: boolean): Promise<Resolution> {
    const cached = this.#libraries.get(library);
    if (cached !== undefined && this.#isFresh(cached)) return cached.value;
    const value = await this.#resolve(library, options, isHasty);
    // A library on its way is looked up again at once.
    if (value.kind === 'held') {
      this.#libraries.set(library, { value, at: this.#now() });
      this.#last.set(library, value);
    }
    return value;
  }

  /** Returns who may write a library, with what was last known for reads while nobody can tell. */
  async view(library: string, options?: CallOptions): Promise<LibraryView> {
    const now = await this.#find(library, options, this.#last.has(library));
    return { now, last: this.#last.get(library) ?? null };
  }

  /** Forgets what may have changed. */
  forget(library?: string): void {
    this.#stage = null;
    if (library === undefined) this.#libraries.clear();
    else this.#libraries.delete(library);
  }

  async #readStage(): Promise<StageView> {
    const known = this.#known;
    const decider = known === null ? null : deciderOf(known.row.stage);
    const own = decider === null ? null : await this.#readControl(decider);
    let view: StageView;
    if (decider !== null && own !== null && deciderOf(own.row.stage) === decider) {
      view = { row: own.row, away: own.away };
    } else {
      view = await this.#readBoth();
    }
    this.#known = view;
    this.#stage = { value: view, at: this.#now() };
    return view;
  }

  async #readBoth(): Promise<StageView> {
    const known = this.#known;
    const readings = await Promise.all(sides.map((side) => this.#readControl(side)));
    const found = readings.filter((reading) => reading !== null);
    const [first, ...others] = found.map(({ row }) => row);
    if (first === undefined) {
      if (known === null) throw neitherReadable();
      return known;
    }
    const row = others.reduce(latestRow, known === null ? first : latestRow(known.row, first));
    const own = readings[sides.indexOf(deciderOf(row.stage))];
    if (others.some((other) => other.revision !== first.revision)) void this.carry().catch(() => undefined);
    return { row, away: own?.away ?? known?.away ?? [] };
  }

  /** Stage row of a side; null if it cannot be read in time. */
  async #readControl(side: Side): Promise<StageReading | null> {
    const reading = this.#logs[side].readControl().catch((error: unknown) => {
      if (isUnreachable(error)) return null;
      throw error;
    });
    // Whoever knows an earlier row need not wait for a side that does not answer.
    return this.#known === null ? reading : inTime(reading, PATIENCE_MS);
  }

  /** @param isHasty Does not wait long for a side whose record may be needed, as when what was last known will do. */
  async #resolve(library: string, options: CallOptions | undefined, isHasty: boolean): Promise<Resolution> {
    const failures: unknown[] = [];
    const read = (side: Side) =>
      this.#logs[side].readAuthority(library, options).catch((error: unknown): null => {
        if (!isUnreachable(error)) failures.push(error);
        return null;
      });
    const reads: Readonly<Record<Side, Promise<LibraryLog | null>>> = { old: read('old'), new: read('new') };
    const first = await Promise.race(sides.map(async (side) => ({ side, found: await reads[side] })));
    const across = reads[otherSide(first.side)];
    // A side whose own row names it may be written; the other one would have been fenced before.
    const suffices = first.found?.authority.holder === first.side;
    const second = await (suffices || isHasty ? inTime(across, PATIENCE_MS) : across);
    const rows = { [first.side]: first.found, [otherSide(first.side)]: second };
    const resolution = resolveAuthority({
      old: rows.old?.authority ?? null,
      new: rows.new?.authority ?? null,
    });
    if (resolution.kind === 'unknown' && failures.length > 0) throw failures[0];
    return resolution;
  }

  #isFresh({ at }: Cached<unknown>): boolean {
    return this.#now() - at < TRUSTED_MS;
  }
}
