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
    return read(options, (session) =>
      elsewhere === null || isStandIn(session)
        ? checkLibsql(session.driver, request.scope, options)
        : elsewhere.check(request, options),
    );
  }

  repair(options?: MaintenanceOptions): Promise<RepairReport> {
    const { write, elsewhere } = this.#context;
    return write(options, ({ driver }) =>
      elsewhere === null ? repairLibsql(driver, options) : elsewhere.repair(options),
    );
  }

  reclaim(options?: MaintenanceOptions): Promise<ReclaimReport> {
    const { write, elsewhere } = this.#context;
    return write(options, (session) =>
      elsewhere === null ? session.reclaim(options) : elsewhere.reclaim(options),
    );
  }
}
