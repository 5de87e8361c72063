import type { Mutation, MutationKind } from '@switchyard/storage-core';

/**
 * Mutation kinds that may be retried when the outcome of the first attempt is unknown. Applying any kind twice leaves
 * the same state, but deletions report how many rows they removed: a retry would report 0, as if nothing had existed.
 * A list that contains one fails with `outcome: 'unknown'` instead.
 *
 * A retry after a successful first attempt may return different results for the other kinds: `resolveVersion.created`
 * is false, and `replacePage.chunksReplaced` counts the new chunks.
 */
export const repeatableMutations: Readonly<Record<MutationKind, boolean>> = {
  resolveVersion: true,
  putLibrary: true,
  putVersion: true,
  replacePage: true,
  deletePage: false,
  deletePages: false,
  removeVersion: false,
  removeLibrary: false,
  clear: false,
  setVersionStatus: true,
  setVersionProgress: true,
  setScraperOptions: true,
};

/** Returns whether a list of mutations may be retried. Rejecting anything other than an array is up to the backend. */
export function canRepeat(mutations: unknown): boolean {
  return Array.isArray(mutations) && mutations.every(isRepeatable);
}

function isRepeatable(mutation: Mutation | undefined): boolean {
  return mutation !== undefined && repeatableMutations[mutation.kind] === true;
}
