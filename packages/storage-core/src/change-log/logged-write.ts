import { StorageError } from '../errors/storage-error.js';
import type { CallOptions } from '../ports/call-options.js';
import type { LogKey } from '../ports/change-log.js';
import type { VersionRef } from '../values/ids.js';
import type { Mutation, MutationResult } from '../values/mutations.js';
import { normalizeVersionName } from '../values/names.js';
import type { ChangeLogRecords } from './log-records.js';

/** Returns true for a write that takes part in a rollout. */
export function isLoggedWrite(options: CallOptions | undefined): boolean {
  return options?.epochs !== undefined || options?.operationId !== undefined;
}

/**
 * Applies a write of a rollout, inside its transaction: checks the epochs of its libraries, answers a repeated operation
 * with its results, and stores those of a new one.
 *
 * @param work Applies the mutations.
 * @throws StorageError `STORAGE_EPOCH_CHANGED`, `STORAGE_MUTATION_SPANS`.
 */
export function loggedWrite(
  records: ChangeLogRecords,
  { epochs = {}, operationId }: CallOptions,
  mutations: readonly Mutation[],
  work: () => readonly MutationResult[],
): readonly MutationResult[] {
  const { side } = records.store();
  for (const [library, epoch] of Object.entries(epochs)) {
    const { authority } = records.library(library);
    if (authority.holder !== side || authority.epoch !== epoch) {
      throw new StorageError(
        'STORAGE_EPOCH_CHANGED',
        authority.holder === side
          ? `The library '${library}' is in epoch ${authority.epoch}, not ${epoch}. Nothing was written.`
          : `The library '${library}' is written to on the ${authority.holder} side since epoch ${authority.epoch}. Nothing was written.`,
        { outcome: 'not-applied', details: { library, ...authority } },
      );
    }
  }
  const repeated = operationId === undefined ? null : records.operation(operationId);
  if (repeated !== null) return repeated.results;
  const { result, changed } = records.logged(work);
  const stranger = changed.find(({ library }) => epochs[library] === undefined);
  if (stranger !== undefined) {
    throw new StorageError(
      'STORAGE_MUTATION_SPANS',
      `The write also changes the library '${stranger.library}', of which no epoch was given. Nothing was written.`,
      { outcome: 'not-applied', details: { library: stranger.library } },
    );
  }
  if (operationId !== undefined) {
    const operation = { operation: operationId, results: result };
    const named = namedKey(mutations.at(-1));
    for (const library of Object.keys(epochs)) {
      // With the last key, which a drain delivers after the others.
      const last = changed.findLast((one) => one.library === library);
      records.addOperation(library, {
        ...operation,
        key: last?.key ?? named,
        position: last?.position ?? null,
      });
    }
    // Not only by a drain: nothing is drained where all libraries are at one side.
    records.expireOperations?.();
  }
  return result;
}

/**
 * Applies a write that knows nothing of a rollout, inside its transaction, for a backend whose records see only its own
 * writes: logs it, and refuses it where this side may not write.
 *
 * @param backend Name of the backend, for errors.
 * @param work Applies the mutations.
 * @throws StorageError `STORAGE_EPOCH_CHANGED` on the new side, and for libraries that the old one does not hold.
 */
export function unawareWrite<T>(records: ChangeLogRecords, backend: string, work: () => T): T {
  const { side, logs } = records.store();
  const { result, changed } = records.logged(work);
  const refused = logs
    ? changed.find(({ library }) => side === 'new' || records.library(library).authority.holder !== side)
    : undefined;
  if (refused === undefined) return result;
  throw new StorageError(
    'STORAGE_EPOCH_CHANGED',
    `The library '${refused.library}' takes writes only through its rollout. Nothing was written.`,
    { backend, outcome: 'not-applied' },
  );
}

/** Key of a mutation that states it by names; null for ids. It is where an operation without effect is kept. */
function namedKey(mutation: Mutation | undefined): LogKey | null {
  switch (mutation?.kind) {
    case 'replacePage':
      return pageKey(mutation.version, mutation.page.url);
    case 'deletePage':
      return 'url' in mutation.page ? pageKey(mutation.page.version, mutation.page.url) : null;
    default:
      return null;
  }
}

function pageKey(version: VersionRef, url: string): LogKey | null {
  return 'version' in version ? { kind: 'page', version: normalizeVersionName(version.version), url } : null;
}
