import { searchWords } from '@switchyard/fts-text';
import { MAX_WORDS_AT_ONCE, match, readPassingChunks, type SqliteDriver } from '@switchyard/sqlite-common';
import type { ChunkId, FtsCacheReport, VersionId } from '@switchyard/storage-core';
import {
  defaultFtsWeights,
  type FtsHit,
  type FtsQuery,
  type NormalFilter,
} from '@switchyard/storage-core/backend';
import type { FtsRecords } from '../fts-records.js';
import { matchStatements, STRUCTURAL_AMONG } from '../fts-statements.js';
import { UnknownFormat } from '../postings/varint.js';
import { bestTexts, scoreTexts } from './bm25.js';
import { FtsCache } from './fts-cache.js';
import { MAX_WORD_LENGTH, Tokenizer } from './tokenizer.js';
import { hasText, type VersionTexts } from './version-texts.js';

/** State of a version in the current read transaction. */
export interface FtsVersion {
  readonly versionId: VersionId;
  readonly records: FtsRecords;
}

/**
 * Full-text search by cached posting lists. The engine computes bm25 for every text that contains any word of the query,
 * and for each query counts the texts of every word in all versions. Here the lists of the index are read once, kept while
 * the index is unchanged, and the same scores computed from them. Where that is not possible, the engine searches.
 */
export class FtsSearch {
  readonly #tokenizer = new Tokenizer();
  readonly #cache: FtsCache;
  #refusals = 0;

  /** @param cacheBytes size of the cache; with 0 the engine always searches */
  constructor(cacheBytes: number) {
    this.#cache = new FtsCache(cacheBytes);
  }

  /** Releases the memory of the cache. */
  close(): void {
    this.#tokenizer.close();
    this.#cache.clear();
  }

  /** Returns the usage of the cache since it was created. */
  report(): FtsCacheReport {
    return { ...this.#cache.report(), refusals: this.#refusals };
  }

  /**
   * See `FtsIndex.match`. The query was checked, and `passing` are the chunks that pass its filter; null without one. Must
   * run in the read transaction of the records.
   */
  match(
    driver: SqliteDriver,
    { versionId, records }: FtsVersion,
    query: Omit<FtsQuery, 'version'>,
    passing: ReadonlySet<ChunkId> | null,
  ): FtsHit[] {
    const words = searchWords(query.terms);
    if (words.length === 0 || query.limit === 0 || passing?.size === 0) return [];
    const hits = this.#isForEngine(words, query)
      ? null
      : this.#search(driver, { versionId, records }, words, query, passing);
    if (hits !== null) return hits;
    this.#refusals += 1;
    return match(driver, matchStatements, versionId, query, passing);
  }

  /** Returns the chunks of the version that pass a filter. Must run in the read transaction of the records. */
  passing(
    driver: SqliteDriver,
    { versionId, records }: FtsVersion,
    filter: NormalFilter,
  ): ReadonlySet<ChunkId> {
    if (this.#cache.isOff || !this.#isCurrent(records)) return readPassingChunks(driver, versionId, filter);
    return this.#cache.passing(versionId, JSON.stringify(filter), () =>
      readPassingChunks(driver, versionId, filter),
    );
  }

  /** Returns those of these chunks of the version that are structural. Must run in the read transaction of the records. */
  structuralAmong(
    driver: SqliteDriver,
    { versionId, records }: FtsVersion,
    ids: readonly ChunkId[],
  ): ChunkId[] {
    if (ids.length === 0) return [];
    const texts = this.#cachedTexts(versionId, records);
    if (texts !== null && ids.every((id) => hasText(texts, id)))
      return ids.filter((id) => texts.structural[id - texts.first] === 1);
    return driver
      .all<{ id: ChunkId }>(STRUCTURAL_AMONG, [JSON.stringify(ids), versionId])
      .map(({ id }) => id);
  }

  #cachedTexts(versionId: VersionId, records: FtsRecords): VersionTexts | null {
    return this.#isCurrent(records) ? (this.#cache.cachedTexts(versionId) ?? null) : null;
  }

  /** Brings the cache up to date; returns false if the format of the index is unknown. */
  #isCurrent(records: FtsRecords): boolean {
    try {
      this.#cache.refresh(records);
      return true;
    } catch (error) {
      if (!(error instanceof UnknownFormat)) throw error;
      this.#cache.clear();
      return false;
    }
  }

  #isForEngine(
    words: readonly string[],
    { weights = defaultFtsWeights, limit }: Omit<FtsQuery, 'version'>,
  ): boolean {
    return (
      this.#cache.isOff ||
      limit > MAX_LIMIT ||
      words.length > MAX_WORDS_AT_ONCE ||
      words.some((word) => word.length > MAX_WORD_LENGTH) ||
      // A text found only in a column of weight 0 has no score here.
      Object.values(weights).some((weight: number) => weight <= 0)
    );
  }

  /** Returns null if the format of the index is unknown. */
  #search(
    driver: SqliteDriver,
    { versionId, records }: FtsVersion,
    words: readonly string[],
    { limit, weights = defaultFtsWeights, excludeStructural = false }: Omit<FtsQuery, 'version'>,
    passing: ReadonlySet<ChunkId> | null,
  ): FtsHit[] | null {
    try {
      const averages = this.#cache.refresh(records);
      const texts = this.#cache.texts(driver, versionId);
      if (texts === undefined) return null;
      if (texts === null) return [];
      const tokens = this.#tokenizer.tokens(words);
      // The phrase of all words comes first, as in the query of the engine.
      const phrases = (words.length === 1 ? tokens : [tokens.flat(), ...tokens]).filter(
        ({ length }) => length > 0,
      );
      const postings = this.#cache.phrases(driver, phrases);
      const idfs = this.#cache.idfs(
        driver,
        postings.map(({ count }) => count),
      );
      const weighed = postings.map((found, index) => ({ postings: found, idf: idfs[index] as number }));
      const columns = [weights.content, weights.title, weights.url, weights.path];
      const scores = scoreTexts(weighed, texts, averages, columns);
      return bestTexts(scores, texts, { limit, excludeStructural, passing });
    } catch (error) {
      if (!(error instanceof UnknownFormat)) throw error;
      this.#cache.clear();
      return null;
    }
  }
}

/** Maximum limit; above it, sorted insertion takes longer than the engine. */
const MAX_LIMIT = 2_000;
