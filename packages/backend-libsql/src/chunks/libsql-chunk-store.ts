import type { ChunkOwner, ChunkStore, FoundPage, SqliteDriver, SqlValue } from '@switchyard/sqlite-common';
import type {
  ChunkId,
  ChunkInput,
  EmbeddingProfile,
  Mutation,
  PageId,
  ReplacePage,
  VersionId,
  VersionRef,
} from '@switchyard/storage-core';
import { isStructural } from '@switchyard/storage-core/backend';
import { toBlob } from '../vectors/blob.js';
import { recordChanges } from '../vectors/codes/code-log.js';
import { VectorChanges } from '../vectors/codes/vector-changes.js';
import { bumpGeneration, type GenerationState, readGeneration } from '../vectors/generations.js';
import { readProfile } from '../vectors/profile.js';
import { isUnscaled } from '../vectors/scale.js';
import * as sql from './chunk-statements.js';
import { readWriteState, type WriteState } from './write-state.js';

/** Texts or vectors that are longer together go in statements of their own: servers refuse one of some megabytes. */
const LONGEST = 500_000;

/** How a {@link LibsqlChunkStore} is made. */
export interface ChunkStoreOptions {
  /**
   * Whether the store is far away, so that the number of statements is what counts. The log of codes is then left behind,
   * since writing it may mean reading every vector of a version, and written anew by the next writer that is not far
   * away. Default false.
   */
  readonly isRemote?: boolean | undefined;
  /** What is going to be written first: what has to be known of it is read together with the profile. */
  readonly first?: Mutation | undefined;
}

interface VectorOfChunk {
  readonly id: ChunkId;
  readonly vector: Float32Array;
}

/** Chunks in this store: a row, its words in the one full-text table, its vector in the table of vectors. */
export class LibsqlChunkStore implements ChunkStore {
  readonly #driver: SqliteDriver;
  readonly #isRemote: boolean;
  readonly #changes = new Map<VersionId, VectorChanges>();
  readonly #generations = new Map<VersionId, GenerationState>();
  /** Undefined before it was read, null when the store has none. */
  #profile: EmbeddingProfile | null | undefined;
  #first: Mutation | undefined;
  /** What was read of the first page ahead of time. */
  #ahead: { readonly page: ReplacePage; readonly state: WriteState } | undefined;

  /** For one transaction: what was read of profile and generations is kept. */
  constructor(driver: SqliteDriver, { isRemote = false, first }: ChunkStoreOptions = {}) {
    this.#driver = driver;
    this.#isRemote = isRemote;
    this.#first = first;
  }

  profile(): EmbeddingProfile | null {
    if (this.#profile === undefined) this.#profile = this.#readProfile();
    return this.#profile;
  }

  findPage(version: VersionRef, url: string): FoundPage | null {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    const isThat = ahead?.page.version === version && ahead.page.page.url === url;
    const { found, generations } = isThat ? ahead.state : readWriteState(this.#driver, version, url);
    if (found !== null) this.#generations.set(found.versionId, generations);
    return found;
  }

  insert({ pageId, versionId, now }: ChunkOwner, chunks: readonly ChunkInput[]): readonly ChunkId[] {
    if (chunks.length === 0) return [];
    const ids = this.#insertRows({ pageId, versionId, now }, chunks);
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
      if (!this.#isRemote)
        recordChanges(this.#driver, profile, versionId, changes, this.#generationOf(versionId));
      else if (!changes.isEmpty) bumpGeneration(this.#driver, versionId);
    }
    this.#changes.clear();
  }

  /** @returns The ids of the chunks, given or assigned, in order. */
  #insertRows({ pageId, versionId, now }: ChunkOwner, chunks: readonly ChunkInput[]): ChunkId[] {
    const ids: ChunkId[] = [];
    for (const { from, to } of together(chunks, ({ content }) => content.length)) {
      const values = inRows(2 + sql.ROWS_AT_ONCE * 6, [pageId, versionId]);
      for (let index = from, at = 2; index < to; index++) {
        const chunk = chunks[index] as ChunkInput;
        values[at++] = chunk.id ?? null;
        values[at++] = chunk.sortOrder ?? index;
        values[at++] = isStructural(chunk.metadata) ? 1 : 0;
        values[at++] = chunk.createdAt === undefined ? now : chunk.createdAt;
        values[at++] = JSON.stringify(chunk.metadata);
        values[at++] = chunk.content;
      }
      const { lastInsertRowid } = this.#driver.run(sql.INSERT_CHUNKS, values);
      for (let index = from; index < to; index++) {
        ids.push(chunks[index]?.id ?? lastInsertRowid - (to - 1 - index));
      }
    }
    return ids;
  }

  #insertVectors(versionId: VersionId, ids: readonly ChunkId[], chunks: readonly ChunkInput[]): void {
    const found: VectorOfChunk[] = [];
    for (const [index, { vector }] of chunks.entries()) {
      if (vector !== null) found.push({ id: ids[index] as ChunkId, vector });
    }
    const changes = this.#changesOf(versionId);
    for (const { id, vector } of found) changes.add(id, vector);
    if (this.#isRemote) this.#insertTogether(versionId, found);
    // SQLite passes what stands in a list of rows on once more, which for vectors costs more than the statements save.
    else
      for (const { id, vector } of found) {
        this.#driver.run(sql.INSERT_VECTOR, [id, versionId, isUnscaled(vector) ? 1 : 0, toBlob(vector)]);
      }
  }

  #insertTogether(versionId: VersionId, found: readonly VectorOfChunk[]): void {
    for (const { from, to } of together(found, ({ vector }) => vector.byteLength)) {
      const values = inRows(1 + sql.ROWS_AT_ONCE * 3, [versionId]);
      let at = 1;
      for (const { id, vector } of found.slice(from, to)) {
        values[at++] = id;
        values[at++] = isUnscaled(vector) ? 1 : 0;
        values[at++] = toBlob(vector);
      }
      this.#driver.run(sql.INSERT_VECTORS, values);
    }
  }

  #readProfile(): EmbeddingProfile | null {
    const first = this.#first;
    this.#first = undefined;
    // Not checked yet: what is wrong with it is said by who checks it.
    if (first?.kind !== 'replacePage' || typeof first.page?.url !== 'string')
      return readProfile(this.#driver);
    this.#ahead = { page: first, state: readWriteState(this.#driver, first.version, first.page.url) };
    return this.#ahead.state.profile;
  }

  #generationOf(versionId: VersionId): GenerationState {
    return this.#generations.get(versionId) ?? readGeneration(this.#driver, versionId);
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

/** Which items one statement takes: as many as it has rows for, fewer when they are long. */
function* together<T>(
  items: readonly T[],
  lengthOf: (item: T) => number,
): Generator<{ readonly from: number; readonly to: number }> {
  for (let from = 0, to = 0; from < items.length; from = to) {
    for (let length = 0; to < items.length && to - from < sql.ROWS_AT_ONCE; to++) {
      length += lengthOf(items[to] as T);
      if (length > LONGEST && to > from) break;
    }
    yield { from, to };
  }
}

/** The values of a statement for many rows, those of no row being NULL. */
function inRows(length: number, first: readonly SqlValue[]): SqlValue[] {
  const values = new Array<SqlValue>(length).fill(null);
  for (const [index, value] of first.entries()) values[index] = value;
  return values;
}
