import { LibsqlBackend } from '@switchyard/backend-libsql';
import { SqliteVecBackend } from '@switchyard/backend-sqlite-vec'; // @legacy
import { createMemoryState, MemoryBackend } from '@switchyard/storage-conformance/memory';
import type { StorageBackend } from '@switchyard/storage-core';
import {
  enrollStores,
  type GateSettings,
  RolloutBackend,
  type RolloutOptions,
} from '@switchyard/storage-rollout/backend';
import type { Stage } from '@switchyard/storage-rollout/machine';

/** Boots of both machines in tests. */
export const boots = { old: 'boot-old', new: 'boot-new' } as const;

/** Gates that ask for equal stores, and for no comparisons. */
export const openGates: GateSettings = {
  durability: 'waived',
  limits: {
    comparisons: 0,
    windowMs: 0,
    comparisonsOfVersion: 0,
    decidedShare: 0,
    mismatchRate: 2,
    latencyRatio: { p50: Infinity, p99: Infinity },
  },
};

/** What a person says of a promotion to `complete`. */
export const confirmed = () => ({ confirmed: true, backupAt: Date.now() });

/** Makes the backends of a rollout; each call makes others on the same stores. */
export type MakeStores = () => { readonly old: StorageBackend; readonly new: StorageBackend };

/** Two stores in memory. */
export function memoryStores(): MakeStores {
  const [old, other] = [createMemoryState(), createMemoryState()];
  return () => ({ old: new MemoryBackend({ state: old }), new: new MemoryBackend({ state: other }) });
}

/** An old store and a new one in files of a folder. */
export function fileStores(folder: string): MakeStores {
  return () => ({
    old: new SqliteVecBackend({ path: `${folder}/old.db` }), // @legacy
    // @after-legacy: old: new LibsqlBackend({ location: { type: 'file', path: `${folder}/old.db` } }),
    new: new LibsqlBackend({ location: { type: 'file', path: `${folder}/new.db` } }),
  });
}

/** Enrolls two empty stores and raises the stage. @returns Makes a backend that is not open, again and again. */
export async function rolloutAt(
  stage: Stage,
  make: MakeStores,
  more: Partial<RolloutOptions> = {},
): Promise<() => RolloutBackend> {
  const stores = make();
  for (const store of [stores.old, stores.new]) await store.open();
  await enrollStores(stores, { boots });
  for (const store of [stores.old, stores.new]) await store.close();
  const create = () => new RolloutBackend({ ...make(), boots, gates: openGates, ...more });
  const backend = create();
  await backend.open();
  if (stage === 'off') await backend.demote('off');
  else while ((await backend.control()).stage !== stage) await backend.promote(confirmed());
  await backend.close();
  return create;
}
