import type { CallOptions } from '@switchyard/storage-core';
import { isSelected, type Selection } from '../machine/buckets.js';
import type { Side } from '../machine/sides.js';
import { rankOf, type Stage, stagePlans } from '../machine/stages.js';
import type { Authorities } from './authorities.js';
import type { Moves } from './moves.js';
import { spans, unknownHolder } from './refusals.js';
import type { Stores } from './stores.js';

/** Destination of a write. */
export interface Held {
  readonly side: Side;
  readonly epochs: Readonly<Record<string, number>>;
  /** Stage in which that was found. */
  readonly stage: Stage;
}

/** Dependencies of {@link WriteRouter}. */
export interface WriteRouterContext {
  readonly stores: Stores;
  readonly authorities: Authorities;
  readonly moves: Moves;
  readonly selection: Selection | undefined;
}

/** Finds the side that a write goes to. A library without content is moved first if it is to begin at the new side. */
export class WriteRouter {
  readonly #context: WriteRouterContext;
  readonly #beginnings = new Map<string, Promise<void>>();

  constructor(context: WriteRouterContext) {
    this.#context = context;
  }

  /**
   * Returns the side and epochs of libraries; null while one of them is being moved.
   *
   * @throws StorageError `STORAGE_UNREACHABLE` if nobody is known to hold one, `STORAGE_MUTATION_SPANS`.
   */
  async holderOf(libraries: readonly string[], options: CallOptions | undefined): Promise<Held | null> {
    const { authorities } = this.#context;
    const { stage } = await authorities.control();
    const epochs: Record<string, number> = {};
    const found = new Set<Side>();
    for (const library of libraries) {
      const authority = await authorities.of(library, options);
      if (authority.kind === 'moving') return null;
      if (authority.kind === 'unknown' || authority.side === 'old') {
        if (await this.#begins(library, stage, options)) return null;
        if (authority.kind === 'unknown') throw unknownHolder(library);
      }
      epochs[library] = authority.epoch;
      found.add(authority.side);
    }
    const [side = stagePlans[stage].authority, ...others] = found;
    if (others.length > 0) throw spans(libraries);
    return { side, epochs, stage };
  }

  /** Lets a library without content begin at the new side, if it is to. @returns False if it is written where it is. */
  async #begins(library: string, stage: Stage, options: CallOptions | undefined): Promise<boolean> {
    const { stores, selection, moves } = this.#context;
    if (rankOf(stage) < rankOf('live')) return false;
    if (stage === 'complete') return moves.begin(library, options);
    const isWanted = stage !== 'live' || (selection !== undefined && isSelected(library, selection));
    if (!isWanted) return false;
    // One that has content is moved by a command, because writers would have to wait.
    if ((await stores.old.catalog.library({ library }, options)) !== null) return false;
    await this.#move(library, options);
    return true;
  }

  /** Moves a library to the new side, once for all writes that wait for it. */
  #move(library: string, options: CallOptions | undefined): Promise<void> {
    const known = this.#beginnings.get(library);
    if (known !== undefined) return known;
    const { moves } = this.#context;
    const beginning = (async () => {
      await moves.backfill(library, options);
      await moves.move(library, 'new', options);
    })().finally(() => this.#beginnings.delete(library));
    this.#beginnings.set(library, beginning);
    return beginning;
  }
}
