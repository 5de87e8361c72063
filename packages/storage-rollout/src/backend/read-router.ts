import type { CallOptions } from '@switchyard/storage-core';
import { type Ceiling, readStage } from '../machine/ceiling.js';
import { planRead, type ReadPlan } from '../machine/read-side.js';
import { otherSide, type Side, sides } from '../machine/sides.js';
import { rankOf, type Stage, stagePlans } from '../machine/stages.js';
import type { Authorities } from './authorities.js';
import { isOver, isUnreachable } from './errors.js';
import type { Logs } from './run-task.js';

/** Dependencies of {@link ReadRouter}. */
export interface ReadRouterContext {
  readonly logs: Logs;
  readonly authorities: Authorities;
  /** Returns the highest stage that the flag permits this process to read with. */
  readonly ceiling: () => Ceiling;
}

/** Decides which side answers a read, and asks the other one where the stage has a fallback. */
export class ReadRouter {
  readonly #logs: Logs;
  readonly #authorities: Authorities;
  readonly #ceiling: () => Ceiling;
  /** Libraries whose other side was clean when this process last looked, and that it has not written since. */
  readonly #clean = new Map<string, { readonly isClean: boolean; readonly at: number }>();
  #fallbacks = 0;

  constructor({ logs, authorities, ceiling }: ReadRouterContext) {
    this.#logs = logs;
    this.#authorities = authorities;
    this.#ceiling = ceiling;
  }

  /** Number of reads that the fallback answered. */
  get fallbacks(): number {
    return this.#fallbacks;
  }

  /** Returns the stage that this process reads with. */
  async stage(): Promise<Stage> {
    return readStage(await this.#authorities.control().then(({ stage }) => stage), this.#ceiling());
  }

  /** Returns the side that answers every read; null while that depends on the library. */
  async sideOfAll(): Promise<Side | null> {
    const { row, away } = await this.#authorities.stage();
    const read = readStage(row.stage, this.#ceiling());
    const isLowered = read !== row.stage && rankOf(row.stage) >= rankOf('live');
    if (read === 'live' || isLowered || away.length > 0) return null;
    return stagePlans[read].read;
  }

  /** Decides how a library is read. Null stands for one that does not exist. */
  async planOf(library: string | null, options?: CallOptions): Promise<ReadPlan> {
    const stage = await this.stage();
    if (library === null) {
      const { read } = stagePlans[stage];
      return { side: read, fallback: otherSide(read), compared: null };
    }
    const { now, last } = await this.#authorities.view(library, options);
    const authority = now.kind === 'unknown' && last !== null ? last : now;
    const facts = { stage, authority };
    const cautious = planRead({ ...facts, isOtherClean: false });
    const wanted = planRead({ ...facts, isOtherClean: true });
    const isSame = cautious.side === wanted.side && cautious.fallback === wanted.fallback;
    if (isSame || authority.kind !== 'held') return cautious;
    // A side that is asked instead of the holder must be clean at this moment; for a fallback, it was when last looked at.
    const isOtherClean =
      cautious.side === wanted.side
        ? await this.#wasClean(library, authority.side, authority.epoch)
        : await this.#isClean(library, authority.side, authority.epoch);
    return isOtherClean ? wanted : cautious;
  }

  /** Reads as planned: from the side, or from the fallback if that cannot be reached. */
  async read<T>(
    { side, fallback }: ReadPlan,
    options: CallOptions | undefined,
    from: (side: Side) => Promise<T>,
  ): Promise<T> {
    try {
      return await from(side);
    } catch (error) {
      if (fallback === null || !isUnreachable(error) || isOver(options)) throw error;
      this.#fallbacks++;
      return from(fallback);
    }
  }

  /**
   * Reads rows of both sides and keeps those of the side that answers for their library. A side that cannot be reached is
   * missed only if the other one may answer for all libraries that it holds.
   */
  async readBoth<T>(
    options: CallOptions | undefined,
    from: (side: Side) => Promise<readonly T[]>,
    libraryOf: (row: T) => Promise<string | null> | string,
  ): Promise<T[]> {
    const failures: { old?: unknown; new?: unknown } = {};
    const rows = await Promise.all(
      sides.map((side) =>
        from(side).catch((error: unknown): readonly T[] => {
          if (!isUnreachable(error) || isOver(options)) throw error;
          failures[side] = error;
          return [];
        }),
      ),
    );
    const failed = sides.filter((side) => side in failures);
    if (failed.length > 1) throw failures.old;
    for (const side of failed) await this.#requireFallbacks(side, failures[side], options);
    const kept: T[] = [];
    for (const [index, side] of sides.entries()) {
      for (const row of rows[index] ?? []) {
        const plan = await this.planOf(await libraryOf(row), options);
        if ((plan.side in failures ? plan.fallback : plan.side) === side) kept.push(row);
      }
    }
    if (failed.length > 0) this.#fallbacks++;
    return kept;
  }

  /** Notes that this process writes a library, which is not clean until it is looked at again. */
  wrote(library: string): void {
    this.#clean.set(library, { isClean: false, at: 0 });
  }

  /** @throws The failure of a side, unless the other one answers for every library there. */
  async #requireFallbacks(side: Side, failure: unknown, options: CallOptions | undefined): Promise<void> {
    const other = otherSide(side);
    for (const library of await this.#logs[other].libraries(options)) {
      const plan = await this.planOf(library, options);
      if (plan.side === side && plan.fallback !== other) throw failure;
    }
  }

  /** Returns true if the other side of a library holds everything that its holder does. */
  async #isClean(library: string, holder: Side, epoch: number): Promise<boolean> {
    try {
      const [across, position] = await Promise.all([
        this.#logs[otherSide(holder)].readAuthority(library),
        this.#logs[holder].readLast(library),
      ]);
      return across.filled === epoch && position !== null;
    } catch (error) {
      if (isUnreachable(error)) return false;
      throw error;
    }
  }

  /**
   * Returns true if the other side was clean when its holder was last reached. Looks again in the background, because this
   * only matters once the holder cannot be reached.
   */
  async #wasClean(library: string, holder: Side, epoch: number): Promise<boolean> {
    const known = this.#clean.get(library);
    if (known === undefined || Date.now() - known.at > LOOK_MS) {
      const before = this.#clean.get(library);
      const looking = this.#look(library, holder, epoch, before);
      if (known === undefined) await looking;
      else looking.catch(() => undefined);
    }
    return this.#clean.get(library)?.isClean ?? false;
  }

  async #look(library: string, holder: Side, epoch: number, before: object | undefined): Promise<void> {
    const [across, position] = await Promise.all([
      this.#logs[otherSide(holder)].readAuthority(library),
      this.#logs[holder].readLast(library),
    ]).catch((error: unknown) => {
      if (isUnreachable(error)) return [null, null];
      throw error;
    });
    // Nothing new is known while the holder cannot be reached, nor if this process has written since.
    if (across === null || this.#clean.get(library) !== before) return;
    this.#clean.set(library, { isClean: across.filled === epoch && position !== null, at: Date.now() });
  }
}

/** Time in milliseconds between two looks at whether a library is clean. */
const LOOK_MS = 500;
