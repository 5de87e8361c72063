import type { SqliteDriver } from '@switchyard/sqlite-common';
import type { CacheEvent, VectorCacheReport } from '@switchyard/storage-core';
import { publish } from '@switchyard/storage-core/backend';
import { BACKEND_NAME } from '../capabilities.js';
import { hasCodes } from '../vectors/codes/code-log.js';
import type { VectorSpace } from '../vectors/profile.js';
import { HeldVersion, type VersionState } from './held-version.js';

/** Vectors below which the scan of the server takes less than what would be saved. */
const MIN_VECTORS = 1_000;
/** Searches of an unchanged version after which its vectors are fetched. */
const FIRST_SEARCHES = 2;
const MAX_SEARCHES = 512;
/** Searches that must be served before a change, or the version is fetched later the next time. */
const WORTHWHILE_SEARCHES = 20;
/** Share of the limit that one version may take. */
const VERSION_SHARE = 1 / 2;

/** A version that is searched, with what is known about its state. */
interface Watched {
  state: VersionState;
  /** Searches of this state that the server answered. */
  scanned: number;
  /** Searches of this state that were answered from memory. */
  served: number;
  /** Number of searches after which the version is fetched. */
  required: number;
  /** False after an attempt to hold this state. */
  isWanted: boolean;
  held: HeldVersion | null;
}

/**
 * Vectors of the versions on a server that are searched repeatedly, within a limit. They are fetched in the background, at
 * most one version at a time; until then, and whenever a version has changed, the server scans. The statement that follows
 * a search in memory returns the generation of its state, which must be that of the vectors.
 */
export class HeldVersions {
  readonly #driver: SqliteDriver;
  readonly #limit: number;
  /** The version used last comes last. */
  readonly #watched = new Map<string, Watched>();
  readonly #counts = { hits: 0, updates: 0, loads: 0, streamedScans: 0, evictions: 0, refusals: 0 };
  #isLoading = false;
  #isClosed = false;

  /** @param limit in bytes; 0 turns it off */
  constructor(driver: SqliteDriver, limit: number) {
    this.#driver = driver;
    this.#limit = limit;
  }

  /** Returns the vectors of a version that may be current; null if the server must scan. */
  find(key: string, space: VectorSpace): HeldVersion | null {
    const held = this.#watched.get(key)?.held ?? null;
    return held !== null && held.space.dimension === space.dimension && held.space.metric === space.metric
      ? held
      : null;
  }

  /** Records that a search was answered from memory and that the server confirmed the state. */
  served(key: string): void {
    const watched = this.#watched.get(key);
    if (watched === undefined) return;
    watched.served += 1;
    this.#counts.hits += 1;
    this.#watched.delete(key);
    this.#watched.set(key, watched);
  }

  /** Drops a version that has changed. */
  outdated(key: string): void {
    const watched = this.#watched.get(key);
    if (watched === undefined) return;
    const { served, required } = watched;
    watched.held = null;
    watched.required = served < WORTHWHILE_SEARCHES ? Math.min(4 * required, MAX_SEARCHES) : FIRST_SEARCHES;
  }

  /** Records that the server scanned a version, and fetches it if it is scanned repeatedly. */
  scanned(key: string, space: VectorSpace, state: VersionState): void {
    if (state.vectors < MIN_VECTORS || this.#limit === 0 || !hasCodes(space)) return;
    const known = this.#watched.get(key);
    const isSame = known?.state.versionId === state.versionId && known.state.generation === state.generation;
    const watched: Watched = isSame
      ? known
      : {
          state,
          scanned: 0,
          served: 0,
          required: known?.required ?? FIRST_SEARCHES,
          isWanted: true,
          held: null,
        };
    watched.scanned += 1;
    this.#watched.delete(key);
    this.#watched.set(key, watched);
    if (!watched.isWanted || watched.scanned < watched.required || this.#isLoading) return;
    if (HeldVersion.bytesFor(space, state.vectors) > this.#limit * VERSION_SHARE) {
      watched.isWanted = false;
      this.#count('refusals', 'refuse');
      return;
    }
    void this.#load(watched, space, () => !this.#isClosed && this.#watched.get(key) === watched);
  }

  /** Returns the usage since the store was opened. */
  report(): VectorCacheReport {
    const held = this.#held();
    return { limit: this.#limit, bytes: bytesOf(held), versions: held.length, ...this.#counts };
  }

  close(): void {
    this.#isClosed = true;
    this.#watched.clear();
  }

  /** Never rejects: searches go on without it. */
  async #load(watched: Watched, space: VectorSpace, isWanted: () => boolean): Promise<void> {
    this.#isLoading = true;
    watched.isWanted = false;
    try {
      const held = await HeldVersion.load(this.#driver, space, watched.state, isWanted);
      if (held === null || !isWanted()) return;
      this.#makeRoom(held.byteLength);
      watched.held = held;
      this.#count('loads', 'load');
    } catch {
      // A server that cannot be reached or refuses is reported by the searches themselves, and asked again later.
      watched.isWanted = true;
      watched.scanned = 0;
      watched.required = Math.min(4 * watched.required, MAX_SEARCHES);
    } finally {
      this.#isLoading = false;
    }
  }

  #makeRoom(wanted: number): void {
    for (const { key, held } of this.#held()) {
      if (bytesOf(this.#held()) + wanted <= this.#limit) return;
      const watched = this.#watched.get(key);
      if (watched?.held === held) {
        watched.held = null;
        this.#count('evictions', 'evict');
      }
    }
  }

  #held(): { readonly key: string; readonly held: HeldVersion }[] {
    return [...this.#watched].flatMap(([key, { held }]) => (held === null ? [] : [{ key, held }]));
  }

  #count(count: 'loads' | 'evictions' | 'refusals', event: CacheEvent['event']): void {
    this.#counts[count] += 1;
    const bytes = bytesOf(this.#held());
    publish('switchyard:cache', () => ({ backend: BACKEND_NAME, cache: 'vectors', event, bytes }));
  }
}

function bytesOf(held: readonly { readonly held: HeldVersion }[]): number {
  return held.reduce((sum, { held: { byteLength } }) => sum + byteLength, 0);
}
