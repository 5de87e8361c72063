import { StorageError } from '@switchyard/storage-core';
import { BACKEND_NAME } from '../capabilities.js';
import type { State } from '../database/state.js';

/** Returns the id for a new row: the given one, or the next that was never used. */
export function assignId(state: State, given: number | undefined): number {
  const { rollout } = state;
  const id = given ?? rollout?.nextId ?? state.lastId + 1;
  if (!Number.isSafeInteger(id)) {
    throw new StorageError(
      'STORAGE_TOO_LARGE',
      'The store has no ids left: the largest possible one is in use.',
      {
        backend: BACKEND_NAME,
        outcome: 'not-applied',
      },
    );
  }
  if (given === undefined && rollout !== null && rollout.nextId !== null) rollout.nextId = id + 1;
  state.lastId = Math.max(state.lastId, id);
  return id;
}

/** @throws StorageError `STORAGE_CONSTRAINT` */
export function clash(message: string): never {
  throw new StorageError('STORAGE_CONSTRAINT', message, { backend: BACKEND_NAME, outcome: 'not-applied' });
}
