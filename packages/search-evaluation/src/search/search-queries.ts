import type { DocumentStore, SearchHit, SearchOptions } from '@switchyard/storage-core';
import { toPageUrl } from '../dataset/page-url.js';
import type { JudgedQuery } from '../dataset/types.js';
import type { RankedDocument, Run } from '../trec/run.js';

/** Default number of chunks per search: enough for ten different pages in most cases. */
export const DEFAULT_LIMIT = 30;

/** Library and version that a query is searched in. */
export interface SearchTarget {
  /** Name of the library. */
  readonly library: string;
  /** Exact name of the version. */
  readonly version: string;
}

/** Options of {@link searchQueries}. */
export interface SearchQueriesOptions {
  /**
   * Number of chunks per search. The same for everything that is compared: it also determines over-fetch, and with it
   * ranks. Default 30.
   */
  readonly limit?: number | undefined;
  /** Returns where to search for a query; null when the store does not have the library. Default: as the query says. */
  readonly resolve?: ((query: JudgedQuery) => Promise<SearchTarget | null>) | undefined;
  /** Embeds a query. Default: the embedder of the store, if it was opened with one. */
  readonly embed?: ((text: string) => Promise<Float32Array>) | undefined;
  /** Further options of the search, such as fusion weights. */
  readonly search?: Omit<SearchOptions, 'limit' | 'vector' | 'signal' | 'deadline'> | undefined;
  /** Aborts between two searches, and the search under way. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each search. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Answer to a query. */
export interface QueryAnswer {
  /** Id of the query. */
  readonly id: string;
  /** Version that was searched; null if the store does not have the library. */
  readonly target: SearchTarget | null;
  /** Chunks, best first. */
  readonly hits: readonly SearchHit[];
  /** Pages of the chunks, each at the rank of its best chunk. */
  readonly pages: readonly RankedDocument[];
  /** Duration of the search without embedding the query, in milliseconds. */
  readonly milliseconds: number;
}

/**
 * Searches a store for every query of a data set, one after the other.
 *
 * @example
 * ```ts
 * const text =
 *   '{"library": "fastify", "version": "5.0", "query": "routes", "qrels": [{"url": "https://fastify.dev/docs/routes", "grade": 3}]}';
 * const dataset = readDataset({ file: 'questions.jsonl', text });
 * const answers = await searchQueries(store, dataset.queries, { limit: 30 });
 * const { mean } = evaluateRun(toRun(answers), toQrels(dataset));
 * ```
 */
export async function searchQueries(
  store: DocumentStore,
  queries: readonly JudgedQuery[],
  options: SearchQueriesOptions = {},
): Promise<QueryAnswer[]> {
  const { limit = DEFAULT_LIMIT, embed, search, signal, onProgress } = options;
  const { resolve = async ({ library, version }) => ({ library, version: version ?? '' }) } = options;
  const answers: QueryAnswer[] = [];
  for (const query of queries) {
    signal?.throwIfAborted();
    const target = await resolve(query);
    if (target === null) {
      answers.push({ id: query.id, target, hits: [], pages: [], milliseconds: 0 });
    } else {
      const vector = await embed?.(query.text);
      const start = performance.now();
      const hits = await store.search(target.library, target.version, query.text, {
        ...search,
        limit,
        vector,
        signal,
      });
      const milliseconds = performance.now() - start;
      answers.push({ id: query.id, target, hits, pages: toPages(hits), milliseconds });
    }
    onProgress?.(answers.length, queries.length);
  }
  return answers;
}

/** Returns the pages of chunks: each page once, at the rank and with the score of its best chunk. */
export function toPages(hits: readonly Pick<SearchHit, 'url' | 'score'>[]): RankedDocument[] {
  const pages = new Map<string, number>();
  for (const { url, score } of hits) {
    const page = toPageUrl(url);
    if (!pages.has(page)) pages.set(page, score);
  }
  return [...pages].map(([document, score]) => ({ document, score }));
}

/** Returns the ranked pages of answers by query id. */
export function toRun(answers: readonly Pick<QueryAnswer, 'id' | 'pages'>[]): Run {
  return new Map(answers.map(({ id, pages }) => [id, pages]));
}
