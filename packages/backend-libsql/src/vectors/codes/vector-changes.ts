import type { ChunkId } from '@switchyard/storage-core';

/**
 * Changes of a transaction to the vectors of one version: remove some, then add others. Consecutive changes combine into
 * one: what was added and removed again is only removed.
 */
export class VectorChanges {
  readonly removed = new Set<ChunkId>();
  readonly added = new Map<ChunkId, Float32Array>();
  /** True if every vector was removed first; `removed` is then empty. */
  cleared = false;

  add(id: ChunkId, vector: Float32Array): void {
    this.added.set(id, vector);
  }

  remove(id: ChunkId): void {
    this.added.delete(id);
    if (!this.cleared) this.removed.add(id);
  }

  clear(): void {
    this.cleared = true;
    this.removed.clear();
    this.added.clear();
  }

  get isEmpty(): boolean {
    return !this.cleared && this.removed.size === 0 && this.added.size === 0;
  }
}
