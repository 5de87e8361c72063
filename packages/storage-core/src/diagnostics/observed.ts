import { isStorageError } from '../errors/storage-error.js';
import type { ResultsOf, StorageBackend } from '../ports/backend.js';
import type { CallOptions } from '../ports/call-options.js';
import type { Mutation } from '../values/mutations.js';
import { publish, type SearchEvent } from './channels.js';

/** Calls `apply` of a backend and publishes the write. */
export async function applyObserved<const M extends readonly Mutation[]>(
  backend: StorageBackend,
  mutations: M,
  options: CallOptions | undefined,
): Promise<ResultsOf<M>> {
  const began = performance.now();
  const end = (error?: unknown) =>
    publish('switchyard:write', () => ({
      backend: backend.name,
      kinds: [...new Set(mutations.map(({ kind }) => kind))],
      mutations: mutations.length,
      chunks: mutations.reduce((sum, one) => sum + (one.kind === 'replacePage' ? one.chunks.length : 0), 0),
      durationMs: performance.now() - began,
      ...errorMember(error),
    }));
  try {
    const results = await backend.apply(mutations, options);
    end();
    return results;
  } catch (error) {
    end(error ?? new Error());
    throw error;
  }
}

/** Returns the member `error` of an event: the code of a `StorageError`, else the name of the error. */
export function errorMember(error: unknown): { readonly error?: string } {
  if (error === undefined) return {};
  return { error: isStorageError(error) ? error.code : error instanceof Error ? error.name : typeof error };
}

/** Runs a search and publishes it. */
export async function searchObserved<T>(
  search: Pick<SearchEvent, 'backend' | 'kind' | 'mode' | 'versions' | 'limit'>,
  work: () => Promise<T[]>,
): Promise<T[]> {
  const began = performance.now();
  const end = (hits: number, error?: unknown) =>
    publish('switchyard:search', () => ({
      ...search,
      hits,
      durationMs: performance.now() - began,
      ...errorMember(error),
    }));
  try {
    const hits = await work();
    end(hits.length);
    return hits;
  } catch (error) {
    end(0, error ?? new Error());
    throw error;
  }
}
