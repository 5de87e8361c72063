import { type CallOptions, type StorageBackend, StorageError } from '@switchyard/storage-core';
import { type ChangeLog, OLD_SIDE_IDS } from '@switchyard/storage-core/backend';
import type { Side } from '../machine/sides.js';
import type { Logs } from './run-task.js';

/** Both stores of a rollout. */
export type Stores = Readonly<Record<Side, StorageBackend>>;

/** Returns the change logs of both stores. @throws StorageError `STORAGE_NOT_SUPPORTED`. */
export function logsOf({ old, new: other }: Stores): Logs {
  return { old: logOf(old), new: logOf(other) };
}

function logOf({ name, changeLog }: StorageBackend): ChangeLog {
  if (changeLog !== undefined) return changeLog;
  throw new StorageError(
    'STORAGE_NOT_SUPPORTED',
    `The ${name} backend has no change log, so its stores cannot take part in a rollout.`,
    { backend: name, details: { capability: 'changeLog' } },
  );
}

/** Options of {@link enrollStores}. */
export interface EnrollOptions extends CallOptions {
  /** Identity of the present boot of the machine that has the old store, and of that of the new one. */
  readonly boots: Readonly<Record<Side, string>>;
}

/**
 * Enrolls two open stores in a rollout, in the stage `dualwrite`. The new one takes the embedding profile of the old one.
 * May be repeated after a failure.
 *
 * @throws StorageError `STORAGE_CONSTRAINT` for stores that are enrolled in another way, `STORAGE_MODEL_CHANGED` for a new
 * store with vectors of another model.
 */
export async function enrollStores(stores: Stores, { boots, ...options }: EnrollOptions): Promise<void> {
  const logs = logsOf(stores);
  const profile = await stores.old.vectors.profile(options);
  if (profile !== null) await stores.new.vectors.reconcile(profile, 'refuse', options);
  const { lastId } = await logs.old.install({ side: 'old', boot: boots.old }, options);
  await logs.new.install(
    { side: 'new', boot: boots.new, firstId: Math.min(lastId + 1, OLD_SIDE_IDS - 1) },
    options,
  );
}

/** Removes what a rollout added to both stores. */
export async function retireStores(stores: Stores, options?: CallOptions): Promise<void> {
  const logs = logsOf(stores);
  await logs.new.remove(options);
  await logs.old.remove(options);
}
