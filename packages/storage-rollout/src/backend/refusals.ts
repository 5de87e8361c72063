import { type CallOptions, isStorageError, type Mutation, StorageError } from '@switchyard/storage-core';
import { checkMutation, hasAssignedIds } from '@switchyard/storage-core/backend';
import type { Side } from '../machine/sides.js';
import { NAME } from './capabilities.js';

/**
 * Checks a write before anything is read.
 *
 * @throws StorageError `STORAGE_NOT_SUPPORTED` for ids and epochs, which the rollout gives; TypeError.
 */
export function checkWrite(mutations: readonly Mutation[], options: CallOptions | undefined): void {
  for (const mutation of mutations) requireWellTyped(mutation);
  requireNoIds(mutations);
  if (options?.epochs !== undefined) throw noEpochs();
}

/** Reports a field of the wrong type before anything is read. What depends on the store is left to the store. */
function requireWellTyped(mutation: Mutation): void {
  try {
    checkMutation(mutation, undefined);
  } catch (error) {
    if (!isStorageError(error)) throw error;
  }
}

/** Ids are given by the sides, each in its own range. */
function requireNoIds(mutations: readonly Mutation[]): void {
  if (!mutations.some(hasAssignedIds)) return;
  throw new StorageError('STORAGE_NOT_SUPPORTED', 'The rollout backend does not support assignedIds.', {
    backend: NAME,
    outcome: 'not-applied',
    details: { capability: 'assignedIds' },
  });
}

/** Error of a write with epochs, which the rollout itself gives. */
function noEpochs(): StorageError {
  return new StorageError('STORAGE_NOT_SUPPORTED', 'The rollout backend does not support changeLog.', {
    backend: NAME,
    outcome: 'not-applied',
    details: { capability: 'changeLog' },
  });
}

/** Error of a write whose library is being moved. */
export function moving(libraries: readonly string[]): StorageError {
  return new StorageError(
    'STORAGE_BUSY',
    `The library '${libraries.join("', '")}' is being moved between the stores of the rollout. Nothing was written.`,
    { backend: NAME, outcome: 'not-applied', details: { libraries: libraries.join(', ') } },
  );
}

/** Error of a write whose library nobody is known to hold. */
export function unknownHolder(library: string): StorageError {
  return new StorageError(
    'STORAGE_UNREACHABLE',
    `Nobody is known to hold the library '${library}': a store cannot be read, or the records contradict each other. Nothing was written.`,
    { backend: NAME, outcome: 'not-applied', details: { library } },
  );
}

/** Error of a call that needs the stage, when neither store says it. */
export function neitherReadable(): StorageError {
  return new StorageError(
    'STORAGE_UNREACHABLE',
    'The stage of the rollout cannot be read from either store. It is never taken for off.',
    { backend: NAME, outcome: 'not-applied' },
  );
}

/** Error of a change of the stage whose side cannot be reached. */
export function deciderUnreachable(side: Side): StorageError {
  return new StorageError(
    'STORAGE_UNREACHABLE',
    `The ${side} side decides the stage and cannot be reached. Nothing was changed.`,
    { backend: NAME, outcome: 'not-applied', details: { side } },
  );
}

/** Error of a write whose libraries are held by different sides. */
export function spans(libraries: readonly string[]): StorageError {
  return new StorageError(
    'STORAGE_MUTATION_SPANS',
    `The libraries '${libraries.join("', '")}' are held by different stores. Nothing was written.`,
    { backend: NAME, outcome: 'not-applied', details: { libraries: libraries.join(', ') } },
  );
}

/** Error of a command that a store refused. */
export function refused(message: string, reason: string): StorageError {
  return new StorageError('STORAGE_CONSTRAINT', message, {
    backend: NAME,
    outcome: 'not-applied',
    details: { reason },
  });
}
