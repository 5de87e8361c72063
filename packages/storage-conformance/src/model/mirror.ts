import assert from 'node:assert/strict';
import {
  isStorageError,
  type Mutation,
  type MutationResult,
  type StorageBackend,
  type StorageErrorCode,
} from '@switchyard/storage-core';

/**
 * Applies writes to the backend under test and then, with the ids that it assigned, to the reference. Both must return
 * the same results, or fail with the same code.
 */
export async function applyToBoth(
  tested: StorageBackend,
  reference: StorageBackend,
  writes: readonly Mutation[],
): Promise<void> {
  const outcome = await attempt(tested, writes);
  if (typeof outcome === 'string') {
    const expected = await attempt(reference, writes);
    assert.deepEqual({ 'results of apply': outcome }, { 'results of apply': expected });
    return;
  }
  const withIds = writes.map((write, i) => giveIds(write, outcome[i] as MutationResult));
  const expected = await attempt(reference, withIds);
  assert.deepEqual({ 'results of apply': outcome }, { 'results of apply': expected });
}

async function attempt(
  backend: StorageBackend,
  writes: readonly Mutation[],
): Promise<readonly MutationResult[] | StorageErrorCode> {
  try {
    return await backend.apply(writes);
  } catch (error) {
    if (isStorageError(error)) return error.code;
    throw error;
  }
}

function giveIds(write: Mutation, result: MutationResult): Mutation {
  if (write.kind === 'resolveVersion' && result.kind === 'resolveVersion') {
    const { libraryId, versionId } = result;
    return { ...write, ids: { libraryId, versionId } };
  }
  if (write.kind === 'replacePage' && result.kind === 'replacePage') {
    const chunks = write.chunks.map((chunk, i) => ({ ...chunk, id: result.chunkIds[i] }));
    return { ...write, page: { ...write.page, id: result.pageId }, chunks };
  }
  return write;
}
