import type { Mutation, MutationResult } from '@switchyard/storage-core';
import { checkMutation, type ResultsOf, requireModels, wellFormed } from '@switchyard/storage-core/backend';
import type { SqliteDriver } from '../driver.js';
import { type SqliteErrorContext, toStorageError } from '../errors/sqlite-error.js';
import type { ChunkStore } from './chunk-store.js';
import type { MutationContext } from './context.js';
import { deletePage, deletePages, replacePage } from './pages.js';
import {
  putLibrary,
  putVersion,
  removeVersion,
  resolveVersion,
  setScraperOptions,
  setVersionProgress,
  setVersionStatus,
} from './versions.js';

/** Dependencies of {@link applyMutations}. */
export interface ApplyContext {
  /** Name of the backend, for errors. */
  readonly backend: string;
  readonly driver: SqliteDriver;
  readonly chunks: ChunkStore;
}

/**
 * Checks all mutations, then applies them in order in one transaction.
 *
 * @throws StorageError with outcome `not-applied`; TypeError.
 */
export function applyMutations<const M extends readonly Mutation[]>(
  { backend, driver, chunks }: ApplyContext,
  mutations: M,
): ResultsOf<M> {
  if (mutations.length === 0) return [] as unknown as ResultsOf<M>;
  const errors: SqliteErrorContext = { backend, outcome: 'not-applied' };
  try {
    return driver.transaction(() => {
      const profile = chunks.profile();
      for (const mutation of mutations) checkMutation(mutation, profile?.dimension);
      requireModels(backend, profile, mutations);
      const context: MutationContext = { driver, chunks, now: sqlTimestamp(new Date()) };
      const results = wellFormed(mutations).map((mutation) => applyMutation(context, mutation));
      chunks.finish?.();
      return results;
    }) as unknown as ResultsOf<M>;
  } catch (error) {
    throw toStorageError(error, errors);
  }
}

/** Formats a time as SQL's CURRENT_TIMESTAMP does: `YYYY-MM-DD HH:MM:SS`, UTC. */
export function sqlTimestamp(moment: Date): string {
  return moment.toISOString().slice(0, 19).replace('T', ' ');
}

/** Applies one checked mutation, inside a transaction. */
export function applyMutation(context: MutationContext, mutation: Mutation): MutationResult {
  switch (mutation.kind) {
    case 'resolveVersion':
      return { kind: mutation.kind, ...resolveVersion(context, mutation) };
    case 'putLibrary':
      return { kind: mutation.kind, ...putLibrary(context, mutation) };
    case 'putVersion':
      return { kind: mutation.kind, ...putVersion(context, mutation) };
    case 'replacePage':
      return { kind: mutation.kind, ...replacePage(context, mutation) };
    case 'deletePage':
      return { kind: mutation.kind, ...deletePage(context, mutation) };
    case 'deletePages':
      return { kind: mutation.kind, ...deletePages(context, mutation) };
    case 'removeVersion':
      return { kind: mutation.kind, ...removeVersion(context, mutation) };
    case 'setVersionStatus':
      return { kind: mutation.kind, ...setVersionStatus(context, mutation) };
    case 'setVersionProgress':
      return { kind: mutation.kind, ...setVersionProgress(context, mutation) };
    case 'setScraperOptions':
      return { kind: mutation.kind, ...setScraperOptions(context, mutation) };
  }
}
