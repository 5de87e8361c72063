import { StorageError } from '../errors/storage-error.js';
import type { CallOptions } from '../ports/call-options.js';
import { checkCall, withinCall } from '../runtime/deadline.js';
import type { SearchHit } from './types.js';

/** A hit that a reranker returns: its id, and optionally another score. A {@link SearchHit} is one, too. */
export interface RerankedHit {
  /** Id of a hit that the reranker was given. */
  readonly id: string;
  /** Score of the hit in the result. Default: the score it had. */
  readonly score?: number | undefined;
}

/**
 * Reranks the hits of a search, such as by a cross-encoder. Returns some or all of them in a new order; those that are
 * left out are not found. Not called without hits.
 *
 * @example
 * ```ts
 * const newestFirst: Rerank = (query, hits) => hits.toSorted((a, b) => b.versionId - a.versionId);
 * const hits = await store.search('fastify', '5.0', 'routes', { rerank: newestFirst, rerankFrom: 50 });
 * ```
 */
export type Rerank = (
  query: string,
  hits: readonly SearchHit[],
  options: {
    /** Aborted when the search is: by its caller or by its deadline. */
    readonly signal: AbortSignal;
  },
) => PromiseLike<readonly RerankedHit[]> | readonly RerankedHit[];

/** Number of hits given to a reranker per hit of the result, unless the search says otherwise. */
const RERANKED_PER_HIT = 4;

/** @throws TypeError unless a reranker is a function. */
export function checkRerank(rerank: unknown): void {
  if (typeof rerank !== 'function') throw new TypeError('rerank must be a function, or null for none.');
}

/** Returns the number of hits to search for before they are reranked. */
export function rerankPool(limit: number, rerankFrom: number | undefined): number {
  return Math.min(Math.max(limit, rerankFrom ?? limit * RERANKED_PER_HIT), Number.MAX_SAFE_INTEGER);
}

/**
 * Calls a reranker and checks what it returns.
 *
 * @throws StorageError `STORAGE_RERANK_FAILED`, `STORAGE_ABORTED`, `STORAGE_TIMEOUT`; TypeError for anything but hits that
 * it was given, each at most once.
 */
export async function rerankHits(
  rerank: Rerank,
  query: string,
  hits: readonly SearchHit[],
  { signal, deadline }: CallOptions,
): Promise<SearchHit[]> {
  if (hits.length === 0) return [];
  const controller = new AbortController();
  let answer: readonly RerankedHit[];
  try {
    const work = Promise.resolve().then(() => rerank(query, hits, { signal: controller.signal }));
    answer = await withinCall({ signal, deadline }, 'the reranker', work);
  } catch (error) {
    controller.abort(error);
    checkCall({ signal }, 'the reranker');
    throw error instanceof StorageError ? error : failed(error);
  }
  return chosenHits(answer, hits);
}

function failed(cause: unknown): StorageError {
  return new StorageError(
    'STORAGE_RERANK_FAILED',
    'The rerank function of the search failed; see the cause. Search with rerank: null to do without it.',
    { cause, outcome: 'not-applied' },
  );
}

function chosenHits(answer: unknown, hits: readonly SearchHit[]): SearchHit[] {
  if (!Array.isArray(answer)) throw new TypeError('rerank must return an array of hits.');
  const left = new Map(hits.map((hit) => [hit.id, hit]));
  return answer.map((chosen: unknown, index) => {
    const where = `Element ${index} of the array that rerank returned`;
    if (typeof chosen !== 'object' || chosen === null) throw new TypeError(`${where} must be a hit.`);
    const { id, score } = chosen as Partial<RerankedHit>;
    const hit = left.get(id as string);
    if (hit === undefined) {
      throw new TypeError(`${where} must have the id of a hit that it was given, each at most once.`);
    }
    left.delete(hit.id);
    if (score === undefined) return hit;
    if (!Number.isFinite(score)) throw new TypeError(`${where} has a score that is not a finite number.`);
    return { ...hit, score };
  });
}
