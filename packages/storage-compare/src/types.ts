import type { DocumentStore, EmbeddingProfile, FtsRanking, SearchMode } from '@switchyard/storage-core';
import type { Estimate } from './statistics/intervals.js';

/** The part of a `DocumentStore` that is compared. */
export type SearchableStore = Pick<DocumentStore, 'backend' | 'profile' | 'search'>;

/** A store that takes part in a comparison. */
export interface ComparedStore {
  /** Short name that is shown everywhere, such as `A`. Names are distinct. */
  readonly name: string;
  /** Connection string without secrets. */
  readonly location: string;
  /** Open store, without an embedder: the vectors of the queries decide what is searched by vector. */
  readonly store: SearchableStore;
  /** Default `exact`. */
  readonly mode?: SearchMode | undefined;
}

/** A search that all stores are asked. */
export interface CompareQuery {
  readonly library: string;
  /** Empty for the unversioned version. */
  readonly version: string;
  readonly text: string;
  readonly limit: number;
  /** One for each store; null searches that store by full text only. */
  readonly vectors: readonly (Float32Array | null)[];
  /** Such as `troubleshooting`; results are also summarized by it. */
  readonly intent?: string | undefined;
}

/**
 * Relation of the answer of a store to that of the first one, most serious last.
 *
 * - `identical`: same hits, order, ranks and texts; scores equal but for rounding.
 * - `near-tie`: the order differs, but only among candidates whose distances or scores differ by rounding.
 * - `scores`: same hits, order and ranks, but other scores.
 * - `ranks`: same hits in the same order, but other ranks in the vector or the full-text list.
 * - `text`: same hits, but the text of one differs.
 * - `order`: same hits in another order.
 * - `hits`: other hits.
 * - `error`: one of the two failed.
 */
export type Relation = 'identical' | 'near-tie' | 'scores' | 'ranks' | 'text' | 'order' | 'hits' | 'error';

/** All relations, most serious last. */
export const relations: readonly Relation[] = [
  'identical',
  'near-tie',
  'scores',
  'ranks',
  'text',
  'order',
  'hits',
  'error',
];

/** Relations that are real differences. */
export function isRealDifference(relation: Relation): boolean {
  return relation !== 'identical' && relation !== 'near-tie';
}

/** A hit of one store. */
export interface ComparedHit {
  /** Identity across stores: URL and place in the page. */
  readonly key: string;
  /** Id in its own store. */
  readonly id: string;
  /** Index into {@link Comparison.chunks}; the same only where the text is the same, too. */
  readonly chunk: number;
  readonly score: number;
  readonly vecRank: number | null;
  readonly ftsRank: number | null;
}

/** Answer of one store to one query. */
export interface Answer {
  readonly hits: readonly ComparedHit[];
  /** Null when the search succeeded. */
  readonly error: { readonly code: string; readonly message: string } | null;
  /** Duration of each repetition, without the embedding of the text. */
  readonly milliseconds: readonly number[];
  /** Share of the exactly nearest chunks among those that the store calls nearest; null without a vector. */
  readonly recall: number | null;
}

/**
 * Relation of a candidate list to that of the first store: `same` but for rounding, `reordered` when the same chunks have
 * other scores or places, `other` when it holds other chunks.
 */
export type ListRelation = 'same' | 'reordered' | 'other';

/** A query's answer of a store compared with that of the first one. */
export interface PairedAnswer {
  readonly relation: Relation;
  /** Share of the same hits. */
  readonly overlap: number;
  /** The same, but 1 where near ties explain the difference. */
  readonly tieAwareOverlap: number;
  readonly rankBiasedOverlap: number;
  /** Largest difference of the score of a hit that both found; 0 when they have none in common. */
  readonly scoreDifference: number;
  /** Of the candidates by vector; null where both answers are identical, and without a vector. */
  readonly vectorList: ListRelation | null;
  /** Of the candidates by full text; null where both answers are identical. */
  readonly wordsList: ListRelation | null;
}

/** One query with all answers. */
export interface ComparedQuery {
  readonly library: string;
  readonly version: string;
  readonly text: string;
  readonly limit: number;
  readonly intent: string | null;
  /** In the order of the stores. */
  readonly answers: readonly Answer[];
  /** For the second store and those after it. */
  readonly pairs: readonly PairedAnswer[];
}

/** Latency of a store over all queries and repetitions, in milliseconds. */
export interface LatencySummary {
  readonly searches: number;
  readonly mean: number;
  readonly p50: Estimate;
  readonly p95: Estimate;
  readonly p99: Estimate;
}

/** Recall of the vector search of a store against exact distances in float64. */
export interface RecallSummary {
  readonly queries: number;
  readonly mean: number;
  /** 5th percentile: 95 % of the queries have more. */
  readonly p5: number;
  readonly worst: number;
  /** Index of the query with the lowest recall. */
  readonly worstQuery: number;
}

/** Counts of one version of a store. */
export interface ComparedVersion {
  readonly library: string;
  readonly version: string;
  readonly pages: number;
  readonly chunks: number;
  /** Null when the store was not read. */
  readonly vectors: number | null;
  /** SHA-256 over its content; null when the store was not read. */
  readonly digest: string | null;
}

/** Facts and results of one store. */
export interface StoreResult {
  readonly name: string;
  readonly location: string;
  readonly backend: string;
  readonly engine: string;
  readonly schemaLevel: number;
  readonly mode: SearchMode;
  /** Ranking of its full-text search; absent in comparisons of earlier versions, which had only `fts5-bm25`. */
  readonly ranking?: FtsRanking | undefined;
  readonly profile: EmbeddingProfile | null;
  readonly counts: Readonly<Record<'libraries' | 'versions' | 'pages' | 'chunks' | 'vectors', number>>;
  /** Sizes by what takes them. */
  readonly bytes: Readonly<Record<string, number>>;
  /** SHA-256 over all content; null when it was not computed. */
  readonly digest: string | null;
  readonly versions: readonly ComparedVersion[];
  readonly errors: number;
  /** Null when no search succeeded. */
  readonly latency: LatencySummary | null;
  /** Null when no query had a vector, or recall was not measured. */
  readonly recall: RecallSummary | null;
}

/** Mean quality of the queries of one intent. */
export interface IntentResult {
  readonly intent: string;
  readonly queries: number;
  readonly overlap: Estimate;
  readonly rankBiasedOverlap: Estimate;
}

/** A store compared with the first one. */
export interface PairResult {
  /** Name of the store. */
  readonly store: string;
  /** Name of the first store. */
  readonly reference: string;
  readonly relations: Readonly<Record<Relation, number>>;
  /** Queries that really differ. */
  readonly different: number;
  readonly overlap: number;
  readonly tieAwareOverlap: number;
  readonly rankBiasedOverlap: number;
  /** Lowest rank-biased overlap. */
  readonly worstRankBiasedOverlap: number;
  readonly scoreDifference: number;
  /** Index of the query with the largest score difference. */
  readonly scoreDifferenceQuery: number;
  /** Latency of this store divided by that of the first; null when either has none. */
  readonly latencyRatio: {
    readonly p50: Estimate;
    readonly p95: Estimate;
    /** Of the paired randomization test over the queries' median latencies. */
    readonly pValue: number;
  } | null;
  readonly intents: readonly IntentResult[];
}

/** A chunk that some store found; each text stands here once. */
export interface ComparedChunk {
  readonly url: string;
  readonly title: string | null;
  readonly path: readonly string[];
  readonly content: string;
}

/** Surroundings of a comparison. */
export interface Environment {
  readonly switchyard: string;
  /** Git commit of the running code; null outside a checkout. */
  readonly commit: string | null;
  readonly node: string;
  readonly platform: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  /** Load average over one minute, before the comparison. */
  readonly load: number;
}

/** Settings that a comparison was made with. */
export interface ComparisonSettings {
  /** Seed of the sample of queries, the resampling and the test. */
  readonly seed: number;
  /** Times that each query was asked. */
  readonly repeat: number;
  /** Queries asked before anything was measured. */
  readonly warmUp: number;
  readonly tieTolerance: number;
  readonly persistence: number;
  readonly resamples: number;
  /** Source of the queries, for people. */
  readonly source: string;
}

/** Result of a comparison. */
export interface Comparison {
  readonly format: 'switchyard-comparison';
  readonly formatVersion: 1;
  readonly createdAt: string;
  readonly environment: Environment;
  readonly settings: ComparisonSettings;
  readonly stores: readonly StoreResult[];
  readonly pairs: readonly PairResult[];
  readonly queries: readonly ComparedQuery[];
  readonly chunks: readonly ComparedChunk[];
}
