import type { SqliteDriver } from '@switchyard/sqlite-common';
import type { MaintenanceOptions } from '@switchyard/storage-core';
import type { CallRunner, CheckRequest, StoreMaintenance } from '@switchyard/storage-core/backend';
import { checkLegacy } from './check.js';
import { reclaimLegacy } from './reclaim.js';
import { repairLegacy } from './repair.js';

/** Dependencies of maintenance. */
export interface MaintenanceContext {
  /** Runs calls that read. */
  readonly run: CallRunner;
  /** Runs calls that write. */
  readonly runWrite: CallRunner;
  /** Runs calls that write to a store of any level without migrating it. */
  readonly runRepair: CallRunner;
  readonly driver: () => SqliteDriver;
  /** Returns true if the current call reads the substitute for an empty store, which a child process cannot see. */
  readonly readsStandIn: () => boolean;
  /** Null for a store in memory. */
  readonly path: string | null;
  /** Does the work elsewhere, such as in a child process; null to do it here. */
  readonly elsewhere: StoreMaintenance | null;
}

/** Implements {@link StoreMaintenance}. */
export function legacyMaintenance({
  run,
  runWrite,
  runRepair,
  driver,
  readsStandIn,
  path,
  elsewhere,
}: MaintenanceContext): StoreMaintenance {
  const here: StoreMaintenance = {
    check: ({ scope }: CheckRequest, options?: MaintenanceOptions) => checkLegacy(driver(), scope, options),
    repair: (options) => repairLegacy(driver(), options),
    reclaim: async (options) => reclaimLegacy(driver(), path, options),
  };
  const where = (): StoreMaintenance => {
    if (elsewhere === null) return here;
    // A child finds the store by its path.
    driver().requireCurrent?.();
    return elsewhere;
  };
  return {
    check: (request, options) =>
      run(options, () => (readsStandIn() ? here : where()).check(request, options)),
    repair: (options) => runRepair(options, () => where().repair(options)),
    reclaim: (options) => runWrite(options, () => where().reclaim(options)),
  };
}
