import type { EmbeddingProfile } from '@switchyard/storage-core';
import { distance, type PageSnapshot } from '@switchyard/storage-core/backend';
import { placeOf } from './keys.js';
import { padded } from './raw-lists.js';

/** The exactly nearest chunks of a query. */
export interface Truth {
  /** Distances by place; more than `k` where several are as near as the k-th. */
  readonly distances: ReadonlyMap<string, number>;
  /** Number of neighbors that an answer should hold. */
  readonly k: number;
}

interface Searched {
  readonly index: number;
  readonly library: string;
  readonly version: string;
  readonly k: number;
  readonly vector: Float32Array;
  /** Nearest so far, ascending. */
  readonly nearest: { readonly place: string; readonly distance: number }[];
}

/**
 * Finds the exactly nearest chunks of many queries by computing every distance in float64, in one pass over the pages of
 * a store. Independent of the search of any backend, so that it can be held against all of them.
 */
export class ExactNeighbors {
  readonly #profile: EmbeddingProfile;
  readonly #byVersion = new Map<string, Searched[]>();
  readonly #tolerance: number;

  constructor(profile: EmbeddingProfile, tolerance: number) {
    this.#profile = profile;
    this.#tolerance = tolerance;
  }

  /** Asks for the `k` nearest chunks of a query; `index` names it. */
  ask(
    index: number,
    version: { readonly library: string; readonly version: string },
    vector: Float32Array,
    k: number,
  ): void {
    const name = nameOf(version.library, version.version);
    const list = this.#byVersion.get(name) ?? [];
    list.push({ index, ...version, k, vector: padded(vector, this.#profile.dimension), nearest: [] });
    this.#byVersion.set(name, list);
  }

  /** Takes the chunks of a page into account. */
  add({ page, chunks }: PageSnapshot, version: { readonly library: string; readonly name: string }): void {
    const searched = this.#byVersion.get(nameOf(version.library, version.name));
    if (searched === undefined) return;
    for (const { vector, sortOrder } of chunks) {
      if (vector?.length !== this.#profile.dimension) continue;
      const place = placeOf(page.url, sortOrder);
      for (const query of searched)
        this.#offer(query, place, distance(this.#profile.metric, query.vector, vector));
    }
  }

  /** The nearest chunks of each query that was asked for, by its name. */
  truths(): Map<number, Truth> {
    const all = [...this.#byVersion.values()].flat();
    return new Map(
      all.map(({ index, k, nearest }) => [
        index,
        {
          distances: new Map(nearest.map((one) => [one.place, one.distance])),
          k: Math.min(k, nearest.length),
        },
      ]),
    );
  }

  #offer({ nearest, k }: Searched, place: string, found: number): void {
    const limit = nearest[k - 1]?.distance ?? Number.POSITIVE_INFINITY;
    const slack = this.#tolerance * Math.max(1, found);
    if (found > limit + slack) return;
    let at = nearest.length;
    while (at > 0 && (nearest[at - 1]?.distance as number) > found) at -= 1;
    nearest.splice(at, 0, { place, distance: found });
    const farthest = nearest[k - 1]?.distance ?? Number.POSITIVE_INFINITY;
    while (nearest.length > k && (nearest.at(-1)?.distance as number) > farthest + slack) nearest.pop();
  }
}

/** Returns the share of the `k` nearest that an answer holds; one as near as the k-th counts. */
export function recallOf({ distances, k }: Truth, places: readonly string[]): number {
  if (k === 0) return 1;
  const found = new Set(places.slice(0, k).filter((place) => distances.has(place)));
  return found.size / k;
}

function nameOf(library: string, version: string): string {
  return `${library.toLowerCase()}@${version.toLowerCase()}`;
}
