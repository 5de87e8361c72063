import type { SearchHit } from '@switchyard/storage-core';
import type { ComparedChunk, ComparedHit } from '../types.js';
import { Keys } from './keys.js';

/** Collects the chunks of all answers, each text once. */
export class ChunkTable {
  readonly chunks: ComparedChunk[] = [];
  readonly #indexes = new Map<string, number>();

  /** The hits of one answer, in order. */
  add(hits: readonly SearchHit[]): ComparedHit[] {
    const keys = new Keys();
    const keyOf = new Map(
      [...hits].sort((a, b) => Number(a.id) - Number(b.id)).map((hit) => [hit.id, keys.of(hit)]),
    );
    return hits.map((hit) => ({
      key: keyOf.get(hit.id) as string,
      id: hit.id,
      chunk: this.#indexOf(keyOf.get(hit.id) as string, hit),
      score: hit.score,
      vecRank: hit.vecRank ?? null,
      ftsRank: hit.ftsRank ?? null,
    }));
  }

  #indexOf(key: string, { url, title, metadata, content }: SearchHit): number {
    const name = JSON.stringify([key, title, metadata.path, content]);
    const known = this.#indexes.get(name);
    if (known !== undefined) return known;
    this.chunks.push({ url, title, path: metadata.path, content });
    this.#indexes.set(name, this.chunks.length - 1);
    return this.chunks.length - 1;
  }
}
