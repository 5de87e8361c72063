import type { Mutation, MutationResult } from '@switchyard/storage-core';
import { wellFormed } from '@switchyard/storage-core/backend';
import type { Transaction } from '../database/session.js';
import { findVersionId } from '../references.js';
import { clearStore, deletePage, deletePages, removeLibrary, removeVersion } from './deletions.js';
import { replacePage } from './pages.js';
import { changeVersion, putLibrary, putVersion, requireVersionId, resolveVersion } from './versions.js';

/** Applies mutations in order. All of them must have been checked. */
export async function applyAll(
  transaction: Transaction,
  mutations: readonly Mutation[],
): Promise<readonly MutationResult[]> {
  const results: MutationResult[] = [];
  for (const mutation of wellFormed(mutations)) results.push(await applyOne(transaction, mutation));
  return results;
}

async function applyOne(transaction: Transaction, mutation: Mutation): Promise<MutationResult> {
  const { kind } = mutation;
  switch (kind) {
    case 'resolveVersion':
      return { kind, ...(await resolveVersion(transaction, mutation)) };
    case 'putLibrary':
      await putLibrary(transaction, mutation.library);
      return { kind, libraryId: mutation.library.id };
    case 'putVersion':
      await putVersion(transaction, mutation.library, mutation.version);
      return { kind, libraryId: mutation.library.id, versionId: mutation.version.id };
    case 'replacePage': {
      const { version } = mutation;
      const versionId =
        'versionId' in version
          ? await requireVersionId(transaction.query, version)
          : (await resolveVersion(transaction, version)).versionId;
      return { kind, ...(await replacePage(transaction, versionId, mutation)) };
    }
    case 'deletePage':
      return { kind, ...(await deletePage(transaction, mutation.page)) };
    case 'deletePages': {
      const versionId = await findVersionId(transaction.query, mutation.version);
      return { kind, ...(await deletePages(transaction, versionId, mutation.filter)) };
    }
    case 'removeVersion':
      return { kind, ...(await removeVersion(transaction, mutation)) };
    case 'removeLibrary':
      return { kind, ...(await removeLibrary(transaction, mutation.library)) };
    case 'clear':
      return { kind, ...(await clearStore(transaction)) };
    case 'setVersionStatus':
    case 'setVersionProgress':
    case 'setScraperOptions':
      return { kind, versionId: await changeVersion(transaction, mutation) };
  }
}
