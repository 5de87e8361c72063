import type { CallOptions, Mutation, MutationResult } from '@switchyard/storage-core';
import {
  checkMutation,
  isLoggedWrite,
  loggedWrite,
  type ResultsOf,
  requireModels,
  sqlTimestamp,
  wellFormed,
} from '@switchyard/storage-core/backend';
import type { SqlLogContext, SqlLogRecords } from '../change-log/sql-log-records.js';
import type { SqliteDriver } from '../driver.js';
import { type SqliteErrorContext, toStorageError } from '../errors/sqlite-error.js';
import type { ChunkStore } from './chunk-store.js';
import type { MutationContext } from './context.js';
import { clearStore, removeLibrary } from './libraries.js';
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
  /** Options of the call, and the records of a rollout that it may concern. Default: none. */
  readonly rollout?: RolloutWrite | undefined;
}

/** A write that may take part in a rollout. */
export interface RolloutWrite {
  readonly options: CallOptions | undefined;
  /** Returns the records, for the chunks and the time of this write. */
  readonly records: (write: Pick<SqlLogContext, 'chunks' | 'now'>) => SqlLogRecords;
}

/**
 * Checks all mutations, then applies them in order in one transaction.
 *
 * @throws StorageError with outcome `not-applied`; TypeError.
 */
export function applyMutations<const M extends readonly Mutation[]>(
  { backend, driver, chunks, rollout }: ApplyContext,
  mutations: M,
): ResultsOf<M> {
  if (mutations.length === 0) return [] as unknown as ResultsOf<M>;
  const errors: SqliteErrorContext = { backend, outcome: 'not-applied' };
  try {
    return driver.transaction(() => {
      const profile = chunks.profile();
      for (const mutation of mutations) checkMutation(mutation, profile?.dimension);
      requireModels(backend, profile, mutations);
      const now = sqlTimestamp();
      const results = applyLogged({ driver, chunks, now }, wellFormed(mutations), rollout);
      chunks.finish?.();
      return results;
    }) as unknown as ResultsOf<M>;
  } catch (error) {
    throw toStorageError(error, errors);
  }
}

/** Applies checked mutations, inside a transaction, with what a rollout has to know of them. */
export function applyLogged(
  context: MutationContext,
  mutations: readonly Mutation[],
  rollout: RolloutWrite | undefined,
): readonly MutationResult[] {
  const options = rollout?.options;
  if (rollout === undefined || options === undefined || !isLoggedWrite(options)) {
    return mutations.map((mutation) => applyMutation(context, mutation));
  }
  const records = rollout.records(context);
  const takeIds: MutationContext['takeIds'] = (kind, count) => records.takeIds(kind, count);
  return loggedWrite(records, options, mutations, () =>
    mutations.map((mutation) => applyMutation({ ...context, takeIds }, mutation)),
  );
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
    case 'removeLibrary':
      return { kind: mutation.kind, ...removeLibrary(context, mutation) };
    case 'clear':
      return { kind: mutation.kind, ...clearStore(context) };
    case 'setVersionStatus':
      return { kind: mutation.kind, ...setVersionStatus(context, mutation) };
    case 'setVersionProgress':
      return { kind: mutation.kind, ...setVersionProgress(context, mutation) };
    case 'setScraperOptions':
      return { kind: mutation.kind, ...setScraperOptions(context, mutation) };
  }
}
