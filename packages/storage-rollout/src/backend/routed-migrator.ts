import type { CallOptions, StorageBackend } from '@switchyard/storage-core';
import type { Migrator } from '@switchyard/storage-core/backend';
import { otherSide } from '../machine/sides.js';
import { stagePlans } from '../machine/stages.js';
import type { Authorities } from './authorities.js';
import type { Stores } from './stores.js';

/** Dependencies of {@link routedMigrator}. */
export interface RoutedMigratorContext {
  readonly stores: Stores;
  readonly authorities: Authorities;
  /** Returns the store that stands for both. */
  readonly main: () => Promise<StorageBackend>;
  /** Runs a call of the backend. */
  readonly run: <T>(options: CallOptions | undefined, work: () => Promise<T>) => Promise<T>;
}

/** Migrates both stores, the one that follows first; in `complete`, the new one only. */
export function routedMigrator({ stores, authorities, main, run }: RoutedMigratorContext): Migrator {
  return {
    status: (o) => run(o, async () => (await main()).migrator.status(o)),
    plan: (o) => run(o, async () => (await main()).migrator.plan(o)),
    migrate: (o) =>
      run(o, async () => {
        const { stage } = await authorities.control();
        if (stage === 'complete') return stores.new.migrator.migrate(o);
        const first = stagePlans[stage].authority;
        await stores[otherSide(first)].migrator.migrate(o);
        return stores[first].migrator.migrate(o);
      }),
  };
}
