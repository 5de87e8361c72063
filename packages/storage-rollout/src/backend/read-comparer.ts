import {
  type CallOptions,
  isStorageError,
  type VersionRecord,
  type VersionRef,
} from '@switchyard/storage-core';
import type { FtsQuery, VectorQuery } from '@switchyard/storage-core/backend';
import type { ComparedAnswer, ComparedHit } from '../compare/classify.js';
import type { Comparisons, Question } from '../compare/comparisons.js';
import type { Position } from '../machine/position.js';
import type { Side } from '../machine/sides.js';
import { stagePlans } from '../machine/stages.js';
import type { Authorities } from './authorities.js';
import { isUnreachable } from './errors.js';
import type { ReadRouter } from './read-router.js';
import type { Logs } from './run-task.js';
import type { Stores } from './stores.js';

/** Dependencies of {@link ReadComparer}. */
export interface ReadComparerContext {
  readonly stores: Stores;
  readonly logs: Logs;
  readonly router: ReadRouter;
  readonly authorities: Authorities;
  /** Returns the comparisons of the open backend. */
  readonly comparisons: () => Comparisons;
}

/** Passes searches of the traffic on to be compared, in the stages that compare. Nothing is waited for, nothing throws. */
export class ReadComparer {
  readonly #context: ReadComparerContext;

  constructor(context: ReadComparerContext) {
    this.#context = context;
  }

  /** Compares a vector search, whose answer depends on its library. */
  vector(query: VectorQuery): void {
    // The caller may use its array again.
    const kept = { ...query, vector: query.vector.slice() };
    const { vector, limit, filter, mode } = kept;
    const key = JSON.stringify(['vector', [...vector], limit, filter ?? null, mode ?? null]);
    this.#offer(kept.version, kept.limit, key, {
      ask: async (side, options) => {
        const hits = await this.#context.stores[side].vectors.nearest(kept, options);
        return hits.map(({ chunkId, distance }) => ({ chunkId, score: distance }));
      },
      libraries:
        ({ library }) =>
        async () => [library],
    });
  }

  /** Compares a full-text search, whose answer depends on the whole store: bm25 counts all of it. */
  fts(query: FtsQuery): void {
    const { version, ...rest } = query;
    this.#offer(version, query.limit, JSON.stringify(['fts', rest]), {
      ask: async (side, options) => {
        const hits = await this.#context.stores[side].fts.match(query, options);
        return hits.map(({ chunkId, score }) => ({ chunkId, score }));
      },
      libraries: () => (side, options) => this.#context.logs[side].libraries(options),
    });
  }

  #offer(version: VersionRef, limit: number, key: string, search: Search): void {
    this.#question(version, limit, key, search)
      .then((question) => {
        if (question !== null) this.#context.comparisons().offer(question);
      })
      // A comparison is worth no error.
      .catch(() => undefined);
  }

  async #question(
    ref: VersionRef,
    limit: number,
    key: string,
    { ask, libraries }: Search,
  ): Promise<Question | null> {
    const { router, stores } = this.#context;
    if (stagePlans[await router.stage()].compared === null) return null;
    this.#context.comparisons().during((await this.#context.authorities.control()).revision);
    const all = await router.sideOfAll();
    const version = await stores[all ?? 'old'].catalog.version(ref);
    if (version === null) return null;
    const { side } = await router.planOf(version.library);
    const names = libraries(version);
    return {
      library: version.library,
      version: version.name,
      key,
      limit,
      side,
      ask: (one, options) => answered(() => ask(one, options)),
      positions: async (one, options) => this.#positions(one, await names(one, options), options),
    };
  }

  /**
   * Returns the positions of libraries on a side, each with the epoch for which it is complete: that of the authority on
   * the side that holds the library, that of the marker on the other. Null if anything is dirty or not filled.
   */
  async #positions(
    side: Side,
    names: readonly string[],
    options: CallOptions,
  ): Promise<readonly Position[] | null> {
    const log = this.#context.logs[side];
    const positions: Position[] = [];
    for (const name of names) {
      const last = await log.readLast(name, options);
      const { authority, filled } = await log.readAuthority(name, options);
      const epoch = authority.holder === side ? authority.epoch : filled;
      if (last === null || epoch === null) return null;
      positions.push(last, { epoch, sequence: 0 });
    }
    return positions;
  }
}

interface Search {
  readonly ask: (side: Side, options: CallOptions) => Promise<readonly ComparedHit[]>;
  /** Returns the libraries that the answer depends on, as a side knows them. */
  readonly libraries: (
    version: VersionRecord,
  ) => (side: Side, options: CallOptions) => Promise<readonly string[]>;
}

/** An error that says something about the question is an answer; one of the connection is none. */
async function answered(ask: () => Promise<readonly ComparedHit[]>): Promise<ComparedAnswer> {
  try {
    return { kind: 'hits', hits: await ask() };
  } catch (error) {
    if (!isStorageError(error) || isUnreachable(error) || error.code === 'STORAGE_ABORTED') throw error;
    return { kind: 'failed', code: error.code };
  }
}
