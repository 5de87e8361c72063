import { StorageError } from '../errors/storage-error.js';
import type { Capabilities, CapabilityFlag, FtsRanking, SearchMode } from '../ports/capabilities.js';
import type { ChunkFilter } from '../values/chunk-filter.js';
import type { Mutation } from '../values/mutations.js';

/** Capabilities that every backend has unless it declares otherwise. */
const assumed: readonly CapabilityFlag[] = ['vectors', 'fts'];

/** Returns true if a backend has a capability, declared or by default. */
export function hasCapability(capabilities: Capabilities, flag: CapabilityFlag): boolean {
  return capabilities[flag] ?? assumed.includes(flag);
}

/** Returns the ranking of a backend's full-text search. */
export function rankingOf({ ranking = 'fts5-bm25' }: Capabilities): FtsRanking {
  return ranking;
}

/** Returns true if full-text searches of both give the same hits in the same order with the same scores. */
export function rankAlike(a: Capabilities, b: Capabilities): boolean {
  return rankingOf(a) === 'fts5-bm25' && rankingOf(b) === 'fts5-bm25';
}

/**
 * Refuses a call that needs a capability which the backend does not declare.
 *
 * @throws StorageError `STORAGE_NOT_SUPPORTED`.
 *
 * @example
 * ```ts
 * requireCapability(backend.name, backend.capabilities, 'assignedIds');
 * ```
 */
export function requireCapability(backend: string, capabilities: Capabilities, flag: CapabilityFlag): void {
  if (!hasCapability(capabilities, flag)) {
    throw new StorageError('STORAGE_NOT_SUPPORTED', `The ${backend} backend does not support ${flag}.`, {
      backend,
      details: { capability: flag },
    });
  }
}

/** Refuses a filter if the backend does not declare `filters`. See {@link requireCapability}. */
export function requireFilters(
  backend: string,
  capabilities: Capabilities,
  filter: ChunkFilter | undefined,
): void {
  if (filter !== undefined) requireCapability(backend, capabilities, 'filters');
}

/** Refuses mutations that need `bulkDeletion` if the backend does not declare it. See {@link requireCapability}. */
export function requireBulkDeletion(
  backend: string,
  capabilities: Capabilities,
  mutations: readonly Mutation[],
): void {
  const isBulk = mutations.some(
    (mutation) =>
      mutation.kind === 'removeLibrary' ||
      mutation.kind === 'clear' ||
      (mutation.kind === 'deletePages' && mutation.filter !== undefined),
  );
  if (isBulk) requireCapability(backend, capabilities, 'bulkDeletion');
}

/** Refuses a search mode that a backend does not declare. See {@link requireCapability}. */
export function requireSearchMode(
  backend: string,
  capabilities: Capabilities,
  mode: SearchMode | undefined,
): void {
  if (mode !== undefined && !capabilities.searchModes.includes(mode)) {
    throw new StorageError(
      'STORAGE_NOT_SUPPORTED',
      `The ${backend} backend does not search in mode '${mode}'; it offers ${capabilities.searchModes.join(', ')}.`,
      { backend, details: { capability: `searchModes:${mode}` } },
    );
  }
}
