import type { ChunkOwner, ChunkStore, SqliteDriver } from '@switchyard/sqlite-common';
import {
  type ChunkId,
  type ChunkInput,
  type EmbeddingProfile,
  type PageId,
  StorageError,
  type VersionId,
} from '@switchyard/storage-core';
import { BACKEND_NAME } from '../capabilities.js';
import { restoreMissingTriggers } from '../schema/triggers.js';
import { toEmbeddingJson } from '../vectors/embedding-json.js';
import { readVectorTable } from '../vectors/index-table.js';
import { ensureVectorTable, readProfile } from '../vectors/profile.js';

const insertDocument = `
INSERT INTO documents (id, page_id, content, metadata, sort_order, embedding, created_at)
VALUES (?, ?, ?, ?, ?, ?, ?)`;

const deleteDocumentsOfPage = `
DELETE FROM documents
WHERE page_id = ?`;

const deleteDocumentsOfPages = `
DELETE FROM documents
WHERE page_id IN (SELECT value FROM json_each(?))`;

const deleteDocumentsOfVersions = `
DELETE FROM documents
WHERE page_id IN (
  SELECT id
  FROM pages
  WHERE version_id IN (SELECT value FROM json_each(?))
)`;

const selectLastId = `
SELECT seq AS id
FROM sqlite_sequence
WHERE name = 'documents'`;

const selectLeftovers = `
SELECT wanted.value AS id
FROM json_each(?) AS wanted
WHERE
  wanted.value NOT IN (SELECT id FROM documents)
  AND (
    wanted.value IN (SELECT rowid FROM documents_vec_rowids)
    OR wanted.value IN (SELECT id FROM documents_fts_docsize)
  )`;

const deleteVector = `
DELETE FROM documents_vec
WHERE rowid = ?`;

const deleteFtsEntry = `
DELETE FROM documents_fts
WHERE rowid = ?`;

/**
 * Writes chunks as the application does: one row of `documents` each, from which the triggers of the store derive the
 * vector and the full-text entry.
 */
export class DocumentChunks implements ChunkStore {
  readonly #driver: SqliteDriver;

  constructor(driver: SqliteDriver) {
    this.#driver = driver;
  }

  profile(): EmbeddingProfile | null {
    const profile = readProfile(this.#driver);
    if (profile !== null) ensureVectorTable(this.#driver, profile.dimension);
    return profile;
  }

  insert({ pageId, now }: ChunkOwner, chunks: readonly ChunkInput[]): readonly ChunkId[] {
    restoreMissingTriggers(this.#driver);
    if (chunks.some(({ vector }) => vector !== null)) this.#requireIndex();
    this.#removeLeftovers(chunks);
    return chunks.map(
      (chunk, index) =>
        this.#driver.run(insertDocument, [
          chunk.id ?? null,
          pageId,
          chunk.content,
          JSON.stringify(chunk.metadata),
          chunk.sortOrder ?? index,
          chunk.vector === null ? null : toEmbeddingJson(chunk.vector),
          chunk.createdAt === undefined ? now : chunk.createdAt,
        ]).lastInsertRowid,
    );
  }

  deleteOfPage(pageId: PageId): number {
    restoreMissingTriggers(this.#driver);
    return this.#driver.run(deleteDocumentsOfPage, [pageId]).changes;
  }

  deleteOfPages(pageIds: readonly PageId[]): number {
    restoreMissingTriggers(this.#driver);
    return this.#driver.run(deleteDocumentsOfPages, [JSON.stringify(pageIds)]).changes;
  }

  deleteOfVersions(versionIds: readonly VersionId[]): number {
    restoreMissingTriggers(this.#driver);
    return this.#driver.run(deleteDocumentsOfVersions, [JSON.stringify(versionIds)]).changes;
  }

  /** @throws StorageError `STORAGE_DIMENSION_MISMATCH` if the index holds vectors of an earlier model. */
  #requireIndex(): void {
    const { dimension } = readVectorTable(this.#driver);
    const profile = readProfile(this.#driver);
    if (profile === null || dimension === profile.dimension) return;
    throw new StorageError(
      'STORAGE_DIMENSION_MISMATCH',
      `The vector index holds vectors of ${dimension ?? 'no'} components, and this store has vectors of ` +
        `${profile.dimension}. Call vectors.rebuild(), which rebuilds the index from the chunks and drops its entries of ` +
        'another dimension. Nothing was written.',
      { backend: BACKEND_NAME, outcome: 'not-applied' },
    );
  }

  /**
   * Removes leftover index entries without a chunk that have the ids about to be used; the triggers would fail on them.
   */
  #removeLeftovers(chunks: readonly ChunkInput[]): void {
    const last = this.#driver.first<{ id: number }>(selectLastId)?.id ?? 0;
    const ids = chunks.map((chunk, index) => chunk.id ?? last + 1 + index);
    for (const { id } of this.#driver.all<{ id: number }>(selectLeftovers, [JSON.stringify(ids)])) {
      this.#driver.run(deleteVector, [id]);
      this.#driver.run(deleteFtsEntry, [id]);
    }
  }
}
