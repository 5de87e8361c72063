import type { CheckReport, MaintenanceOptions, ReclaimReport, RepairReport } from '@switchyard/storage-core';
import type { CheckRequest, StoreMaintenance } from '@switchyard/storage-core/backend';
import type { Session, SessionRunners } from '../sessions/session.js';
import { checkLibsql } from './check.js';
import { repairLibsql } from './repair.js';

/** Dependencies of a {@link LibsqlMaintenance}. */
export interface MaintenanceContext extends SessionRunners {
  /** Returns true for the stand-in for an empty store, of which a child process finds nothing. */
  readonly isStandIn: (session: Session) => boolean;
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
    const { read, isStandIn, elsewhere } = this.#context;
    return read(options, (session) => {
      if (elsewhere === null || isStandIn(session))
        return checkLibsql(session.driver, request.scope, options);
      session.driver.requireCurrent?.();
      return elsewhere.check(request, options);
    });
  }

  repair(options?: MaintenanceOptions): Promise<RepairReport> {
    const { write, elsewhere } = this.#context;
    return write(options, ({ driver }) => {
      if (elsewhere === null) return repairLibsql(driver, options);
      driver.requireCurrent?.();
      return elsewhere.repair(options);
    });
  }

  reclaim(options?: MaintenanceOptions): Promise<ReclaimReport> {
    const { write, elsewhere } = this.#context;
    return write(options, (session) => {
      if (elsewhere === null) return session.reclaim(options);
      session.driver.requireCurrent?.();
      return elsewhere.reclaim(options);
    });
  }
}
