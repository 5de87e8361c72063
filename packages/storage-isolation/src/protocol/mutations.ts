import type { Mutation, MutationKind } from '@switchyard/storage-core';

/**
 * Which writes may be made again when nobody knows whether they were done. All kinds leave the same state when they
 * are applied twice; a deletion, though, counts what it deleted, and would answer 0 the second time: the caller would
 * be told that nothing was there. Such a list fails with `outcome: 'unknown'` instead.
 *
 * What may differ in the answers of the others: `resolveVersion.created` is false and `replacePage.chunksReplaced`
 * counts the new chunks when the first attempt had been done.
 */
export const repeatableMutations: Readonly<Record<MutationKind, boolean>> = {
  resolveVersion: true,
  putLibrary: true,
  putVersion: true,
  replacePage: true,
  deletePage: false,
  deletePages: false,
  removeVersion: false,
  setVersionStatus: true,
  setVersionProgress: true,
  setScraperOptions: true,
};

/** Whether a list of writes may be made again. A list that is no list is for the backend to refuse. */
export function canRepeat(mutations: unknown): boolean {
  return Array.isArray(mutations) && mutations.every(isRepeatable);
}

function isRepeatable(mutation: Mutation | undefined): boolean {
  return mutation !== undefined && repeatableMutations[mutation.kind] === true;
}
