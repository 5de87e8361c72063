import type { ChunkOwner, ChunkStore, SqliteDriver } from '@switchyard/sqlite-common';
import {
  type ChunkId,
  type ChunkInput,
  isStructural,
  type PageId,
  type VersionId,
} from '@switchyard/storage-core';
import { toBlob } from '../vectors/blob.js';
import { bumpGeneration } from '../vectors/generations.js';
import { readProfile } from '../vectors/profile.js';
import { isUnscaled } from '../vectors/scale.js';
import * as sql from './statements.js';

/** Chunks in this store: a row, its words in the one full-text table, its vector in the table of vectors. */
export class LibsqlChunkStore implements ChunkStore {
  readonly #driver: SqliteDriver;
  /** Undefined before it was read, null when the store has none. */
  #dimension: number | null | undefined;

  /** For one transaction: what was read of the profile is kept. */
  constructor(driver: SqliteDriver) {
    this.#driver = driver;
  }

  dimension(): number | undefined {
    if (this.#dimension === undefined) this.#dimension = readProfile(this.#driver)?.dimension ?? null;
    return this.#dimension ?? undefined;
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
    this.#deleteVectors(sql.DELETE_VECTORS_OF_PAGE, pageId, versionId);
    return this.#driver.run(sql.DELETE_CHUNKS_OF_PAGE, [pageId]).changes;
  }

  deleteOfVersion(versionId: VersionId): number {
    this.#driver.run(sql.DELETE_WORDS_OF_VERSION, [versionId]);
    this.#deleteVectors(sql.DELETE_VECTORS_OF_VERSION, versionId, versionId);
    return this.#driver.run(sql.DELETE_CHUNKS_OF_VERSION, [versionId]).changes;
  }

  /** The ids are known before the rows are written, so that a row and its vector need not wait for each other. */
  #idsFor(chunks: readonly ChunkInput[]): ChunkId[] {
    const last = this.#driver.first<{ seq: number }>(sql.LAST_CHUNK_ID)?.seq ?? 0;
    return chunks.map((chunk, index) => chunk.id ?? last + 1 + index);
  }

  #insertVectors(versionId: VersionId, ids: readonly ChunkId[], chunks: readonly ChunkInput[]): void {
    let inserted = 0;
    for (const [index, { vector }] of chunks.entries()) {
      if (vector === null) continue;
      this.#driver.run(sql.INSERT_VECTOR, [
        ids[index] as ChunkId,
        versionId,
        isUnscaled(vector) ? 1 : 0,
        toBlob(vector),
      ]);
      inserted += 1;
    }
    if (inserted > 0) bumpGeneration(this.#driver, versionId);
  }

  #deleteVectors(statement: string, id: number, versionId: VersionId): void {
    if (this.dimension() === undefined) return; // there is no table of vectors yet
    if (this.#driver.run(statement, [id]).changes > 0) bumpGeneration(this.#driver, versionId);
  }
}
