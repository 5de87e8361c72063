import type { Mutation, MutationResult } from '@switchyard/storage-core';
import { notWritten } from './not-written.js';
import type { Transaction } from './store.js';

/**
 * Step 2. Applies one mutation in a transaction, in which it sees the effect of the ones before it. The comments of each
 * kind, in `@switchyard/storage-core`, say what it writes and returns.
 */
export async function applyMutation(_transaction: Transaction, mutation: Mutation): Promise<MutationResult> {
  const { kind } = mutation;
  switch (kind) {
    // Creates a version and its library if they are absent. Names are stored in lower case: normalizeLibraryName().
    case 'resolveVersion':
    // The most important one: it keeps the id of a known URL and replaces all chunks of the page.
    case 'replacePage':
    // Deletions of what does not exist do nothing.
    case 'deletePage':
    case 'deletePages':
    case 'removeVersion':
    // A version that does not exist is STORAGE_NOT_FOUND, unless `ifMissing` is 'ignore'.
    case 'setVersionStatus':
    case 'setVersionProgress':
    case 'setScraperOptions':
      return notWritten(`apply: ${kind}`, 2);
    // With the capability `assignedIds`: rows with every column as given, for copies.
    case 'putLibrary':
    case 'putVersion':
    // With the capability `bulkDeletion`.
    case 'removeLibrary':
    case 'clear':
      return notWritten(`apply: ${kind}`, 3);
  }
}
