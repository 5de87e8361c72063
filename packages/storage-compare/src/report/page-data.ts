/**
 * Data of the report page, in short names because a page holds it for hundreds of queries. Shared by the generator and
 * the script of the page.
 */
export interface PageData {
  readonly stores: readonly PageStore[];
  readonly queries: readonly PageQuery[];
  readonly chunks: readonly PageChunk[];
  /** Libraries and versions for the live box; empty in a report without one. */
  readonly versions: readonly { readonly library: string; readonly version: string }[];
}

/** A store of the page. */
export interface PageStore {
  readonly name: string;
  readonly label: string;
}

/** A query with the answers of all stores. */
export interface PageQuery {
  /** Library and version. */
  readonly where: string;
  readonly text: string;
  readonly intent: string | null;
  readonly answers: readonly PageAnswer[];
  /** Of the stores after the first. */
  readonly pairs: readonly PagePair[];
}

/** Answer of a store. */
export interface PageAnswer {
  readonly hits: readonly PageHit[];
  readonly error: string | null;
  /** Median duration in milliseconds; null after an error. */
  readonly ms: number | null;
}

/** Number of the hit across stores, index of its chunk, score, vector rank and full-text rank. */
export type PageHit = readonly [
  key: number,
  chunk: number,
  score: number,
  vecRank: number | null,
  ftsRank: number | null,
];

/** A store's answer compared with that of the first one. */
export interface PagePair {
  readonly relation: string;
  readonly overlap: number;
  readonly rankBiasedOverlap: number;
}

/** A chunk: its page, headings and an excerpt of its text. */
export interface PageChunk {
  readonly url: string;
  readonly title: string;
  readonly text: string;
}
