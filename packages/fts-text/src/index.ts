/** Full-text search exactly as SQLite's FTS5 ranks it, for backends whose engine has no FTS5. */
export { bm25Idf, bm25Share, MIN_IDF, weightedFrequency } from './bm25.js';
export { type FtsText, type IndexedText, indexText, type TermPlaces } from './index-text.js';
export { columnOf, FTS_COLUMNS, findPhrase, packPlaces, placeOf, unpackPlaces } from './places.js';
export { type FtsPlan, fts5AnyOf, fts5Expression, planFtsQuery, searchWords } from './query.js';
export {
  countPhrases,
  type FtsTotals,
  type Posting,
  type RankedText,
  type RankRequest,
  rankPostings,
  rankTexts,
} from './rank.js';
export { tokenize } from './tokenize.js';
