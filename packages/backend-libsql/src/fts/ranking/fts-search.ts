import { MAX_WORDS_AT_ONCE, match, type SqliteDriver, toWords } from '@switchyard/sqlite-common';
import type { FtsCacheReport, VersionId } from '@switchyard/storage-core';
import {
  checkFtsQuery,
  defaultFtsWeights,
  type FtsHit,
  type FtsQuery,
} from '@switchyard/storage-core/backend';
import { matchStatements } from '../fts-statements.js';
import { UnknownFormat } from '../postings/varint.js';
import { bestTexts, scoreTexts } from './bm25.js';
import { FtsCache } from './fts-cache.js';
import { MAX_WORD_LENGTH, Tokenizer } from './tokenizer.js';

/**
 * Searches by words. The engine computes bm25 for every text that has any word of the query, and counts the texts of
 * every word first, in all versions, each time anew. Here the lists of the index are read once, kept as long as the index
 * stays as it is, and the same scores computed from them. Where that does not fit, the engine answers.
 */
export class FtsSearch {
  readonly #tokenizer = new Tokenizer();
  readonly #cache: FtsCache;
  #refusals = 0;

  /** @param memory For what is kept of the index, in bytes; with 0 the engine always answers. */
  constructor(memory: number) {
    this.#cache = new FtsCache(memory);
  }

  close(): void {
    this.#tokenizer.close();
    this.#cache.clear();
  }

  report(): FtsCacheReport {
    return { ...this.#cache.report(), refusals: this.#refusals };
  }

  /** See `FtsIndex.match`. Called inside a read transaction. */
  match(driver: SqliteDriver, versionId: VersionId, query: Omit<FtsQuery, 'version'>): FtsHit[] {
    checkFtsQuery({ ...query, version: { versionId } });
    const words = toWords(query.terms);
    if (words.length === 0 || query.limit === 0) return [];
    const hits = this.#isForEngine(words, query) ? null : this.#search(driver, versionId, words, query);
    if (hits !== null) return hits;
    this.#refusals += 1;
    return match(driver, matchStatements, versionId, query);
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
      // A text that is found by a word that counts nothing has no score here.
      Object.values(weights).some((weight: number) => weight <= 0)
    );
  }

  /** Null when the index is written in a way that is not known here. */
  #search(
    driver: SqliteDriver,
    versionId: VersionId,
    words: readonly string[],
    { limit, weights = defaultFtsWeights, excludeStructural = false }: Omit<FtsQuery, 'version'>,
  ): FtsHit[] | null {
    try {
      const averages = this.#cache.refresh(driver);
      const texts = this.#cache.texts(driver, versionId);
      if (texts === undefined) return null;
      if (texts === null) return [];
      const tokens = this.#tokenizer.tokens(words);
      // The phrase of all words comes first, as in the query that the engine would be given.
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
      return bestTexts(scores, texts, { limit, excludeStructural });
    } catch (error) {
      if (!(error instanceof UnknownFormat)) throw error;
      this.#cache.clear();
      return null;
    }
  }
}

/** Beyond it, sorted insertion takes longer than the engine. */
const MAX_LIMIT = 2_000;
