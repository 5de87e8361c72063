import { setImmediate } from 'node:timers/promises';
import type { ChunkId, VersionId } from '@switchyard/storage-core';
import { distance, type VectorHit } from '@switchyard/storage-core/backend';

/** A chunk and its vector, which is valid until the next one. */
export interface Neighbor {
  readonly id: ChunkId;
  readonly vector: Float32Array;
}

/**
 * Searches by scanning all vectors of a version. Searches requested in the same turn share one scan: reading vectors
 * takes far longer than measuring distances.
 */
export class SharedScan {
  readonly #read: (versionId: VersionId) => Iterable<Neighbor>;
  readonly #waiting = new Map<VersionId, { readonly lists: NearestList[]; readonly done: Promise<void> }>();

  constructor(read: (versionId: VersionId) => Iterable<Neighbor>) {
    this.#read = read;
  }

  async nearest(versionId: VersionId, vector: Float32Array, limit: number): Promise<VectorHit[]> {
    const list = new NearestList(vector, limit);
    const waiting = this.#waiting.get(versionId);
    if (waiting === undefined) {
      const lists = [list];
      const done = this.#scan(versionId, lists);
      this.#waiting.set(versionId, { lists, done });
      await done;
    } else {
      waiting.lists.push(list);
      await waiting.done;
    }
    return list.hits();
  }

  async #scan(versionId: VersionId, lists: readonly NearestList[]): Promise<void> {
    await setImmediate();
    this.#waiting.delete(versionId);
    for (const neighbor of this.#read(versionId)) for (const list of lists) list.add(neighbor);
  }
}

/** The nearest of some vectors by L2, ascending, equal distances by id. */
class NearestList {
  readonly #vector: Float32Array;
  readonly #limit: number;
  #best: VectorHit[] = [];
  #worst = Number.POSITIVE_INFINITY;

  constructor(vector: Float32Array, limit: number) {
    this.#vector = vector;
    this.#limit = limit;
  }

  add({ id, vector }: Neighbor): void {
    const found = distance('l2', vector, this.#vector);
    if (found > this.#worst) return;
    this.#best.push({ chunkId: id, distance: found });
    if (this.#best.length < this.#limit * 4) return;
    this.#best = this.hits();
    this.#worst = this.#best.at(-1)?.distance ?? this.#worst;
  }

  hits(): VectorHit[] {
    return this.#best.sort((a, b) => a.distance - b.distance || a.chunkId - b.chunkId).slice(0, this.#limit);
  }
}
