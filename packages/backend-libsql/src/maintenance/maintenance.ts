import type { SqliteDriver } from '@switchyard/sqlite-common';
import type {
  CheckReport,
  Location,
  MaintenanceOptions,
  ReclaimReport,
  RepairReport,
} from '@switchyard/storage-core';
import type { CallRunner, CheckRequest, StoreMaintenance } from '@switchyard/storage-core/backend';
import { checkLibsql } from './check.js';
import { reclaimLibsql } from './reclaim.js';
import { repairLibsql } from './repair.js';

/** What a {@link LibsqlMaintenance} works with. */
export interface MaintenanceContext {
  /** Runs calls that read. */
  readonly run: CallRunner;
  /** Runs calls that write. */
  readonly runWrite: CallRunner;
  readonly driver: () => SqliteDriver;
  /** Tells when the current call reads the stand-in for an empty store, of which a child process finds nothing. */
  readonly readsStandIn: () => boolean;
  readonly location: Location;
  /** Does the work elsewhere, such as in a child process; null to do it here. */
  readonly elsewhere: StoreMaintenance | null;
}

/** See {@link StoreMaintenance}. */
export class LibsqlMaintenance implements StoreMaintenance {
  readonly #context: MaintenanceContext;

  constructor(context: MaintenanceContext) {
    this.#context = context;
  }

  check(request: CheckRequest, options?: MaintenanceOptions): Promise<CheckReport> {
    const { run, driver, readsStandIn, elsewhere } = this.#context;
    return run(options, () =>
      elsewhere === null || readsStandIn()
        ? checkLibsql(driver(), request.scope, options)
        : elsewhere.check(request, options),
    );
  }

  repair(options?: MaintenanceOptions): Promise<RepairReport> {
    const { runWrite, driver, elsewhere } = this.#context;
    return runWrite(options, () =>
      elsewhere === null ? repairLibsql(driver(), options) : elsewhere.repair(options),
    );
  }

  reclaim(options?: MaintenanceOptions): Promise<ReclaimReport> {
    const { runWrite, driver, location, elsewhere } = this.#context;
    return runWrite(options, () =>
      elsewhere === null ? reclaimLibsql(driver(), location, options) : elsewhere.reclaim(options),
    );
  }
}
