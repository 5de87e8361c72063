import type { ChunkOwner, ChunkStore, SqliteDriver } from '@switchyard/sqlite-common';
import {
  type ChunkId,
  type ChunkInput,
  type EmbeddingProfile,
  isStructural,
  type PageId,
  type VersionId,
} from '@switchyard/storage-core';
import { toBlob } from '../vectors/blob.js';
import { recordChanges } from '../vectors/codes/code-log.js';
import { VectorChanges } from '../vectors/codes/vector-changes.js';
import { bumpGeneration } from '../vectors/generations.js';
import { readProfile } from '../vectors/profile.js';
import { isUnscaled } from '../vectors/scale.js';
import * as sql from './statements.js';

/** Chunks in this store: a row, its words in the one full-text table, its vector in the table of vectors. */
export class LibsqlChunkStore implements ChunkStore {
  readonly #driver: SqliteDriver;
  readonly #changes = new Map<VersionId, VectorChanges>();
  /** Undefined before it was read, null when the store has none. */
  #profile: EmbeddingProfile | null | undefined;

  readonly #keepsCodes: boolean;

  /**
   * For one transaction: what was read of the profile is kept.
   *
   * @param keepsCodes Whether the log of codes is written, which may mean reading every vector of a version: not for
   *   stores that are far away. It is then left behind, and written anew by the next writer that keeps it. Default true.
   */
  constructor(
    driver: SqliteDriver,
    { keepsCodes = true }: { readonly keepsCodes?: boolean | undefined } = {},
  ) {
    this.#driver = driver;
    this.#keepsCodes = keepsCodes;
  }

  profile(): EmbeddingProfile | null {
    if (this.#profile === undefined) this.#profile = readProfile(this.#driver);
    return this.#profile;
  }

  insert({ pageId, versionId, now }: ChunkOwner, chunks: readonly ChunkInput[]): readonly ChunkId[] {
    if (chunks.length === 0) return [];
    const ids = this.#idsFor(chunks);
    for (const [index, chunk] of chunks.entries()) {
      this.#driver.run(sql.INSERT_CHUNK, [
        ids[index] as ChunkId,
        pageId,
        versionId,
        chunk.sortOrder ?? index,
        isStructural(chunk.metadata) ? 1 : 0,
        chunk.createdAt === undefined ? now : chunk.createdAt,
        JSON.stringify(chunk.metadata),
        chunk.content,
      ]);
    }
    this.#driver.run(sql.INSERT_WORDS_OF_PAGE, [pageId]);
    this.#insertVectors(versionId, ids, chunks);
    return ids;
  }

  deleteOfPage(pageId: PageId, versionId: VersionId): number {
    this.#driver.run(sql.DELETE_WORDS_OF_PAGE, [pageId]);
    if (this.profile() !== null) {
      const removed = this.#driver.all<{ id: ChunkId }>(sql.DELETE_VECTORS_OF_PAGE, [pageId]);
      const changes = this.#changesOf(versionId);
      for (const { id } of removed) changes.remove(id);
    }
    return this.#driver.run(sql.DELETE_CHUNKS_OF_PAGE, [pageId]).changes;
  }

  deleteOfVersion(versionId: VersionId): number {
    this.#driver.run(sql.DELETE_WORDS_OF_VERSION, [versionId]);
    if (this.profile() !== null) {
      const { changes } = this.#driver.run(sql.DELETE_VECTORS_OF_VERSION, [versionId]);
      if (changes > 0) this.#changesOf(versionId).clear();
    }
    return this.#driver.run(sql.DELETE_CHUNKS_OF_VERSION, [versionId]).changes;
  }

  finish(): void {
    const profile = this.profile();
    if (profile === null) return;
    for (const [versionId, changes] of this.#changes) {
      if (this.#keepsCodes) recordChanges(this.#driver, profile, versionId, changes);
      else if (!changes.isEmpty) bumpGeneration(this.#driver, versionId);
    }
    this.#changes.clear();
  }

  /** The ids are known before the rows are written, so that a row and its vector need not wait for each other. */
  #idsFor(chunks: readonly ChunkInput[]): ChunkId[] {
    const last = this.#driver.first<{ seq: number }>(sql.LAST_CHUNK_ID)?.seq ?? 0;
    return chunks.map((chunk, index) => chunk.id ?? last + 1 + index);
  }

  #insertVectors(versionId: VersionId, ids: readonly ChunkId[], chunks: readonly ChunkInput[]): void {
    const changes = this.#changesOf(versionId);
    for (const [index, { vector }] of chunks.entries()) {
      if (vector === null) continue;
      const id = ids[index] as ChunkId;
      this.#driver.run(sql.INSERT_VECTOR, [id, versionId, isUnscaled(vector) ? 1 : 0, toBlob(vector)]);
      changes.add(id, vector);
    }
  }

  #changesOf(versionId: VersionId): VectorChanges {
    let changes = this.#changes.get(versionId);
    if (changes === undefined) {
      changes = new VectorChanges();
      this.#changes.set(versionId, changes);
    }
    return changes;
  }
}
