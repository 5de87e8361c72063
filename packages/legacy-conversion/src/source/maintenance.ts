import { addUnreadable, checkTables, legacySourceTables, type SqliteDriver } from '@switchyard/sqlite-common';
import {
  type CallRunner,
  DamageList,
  runSteps,
  type StoreMaintenance,
} from '@switchyard/storage-core/backend';

const REINDEX = 'Rebuild the indexes of the database from its tables.';

/**
 * Checks the tables of a legacy store that is opened as a source, in every scope. The backend of the legacy format
 * checks everything else.
 */
export function sourceMaintenance(
  backend: string,
  run: CallRunner,
  driver: () => SqliteDriver,
  refused: (what: string) => () => Promise<never>,
): StoreMaintenance {
  return {
    check: ({ scope }, options) =>
      run(options, async () => {
        const list = new DamageList();
        const work = () => {
          const isSource = legacySourceTables(driver(), 'legacy');
          return checkTables(driver(), list, { reindex: REINDEX, derived: () => null }, isSource, 'legacy');
        };
        await runSteps(backend, [{ name: 'tables', work }], options, (error, step) =>
          addUnreadable(list, error, step),
        );
        const skipped =
          scope === 'rows'
            ? []
            : ['Only the tables of a legacy store that is opened as a source are checked.'];
        return { scope, damages: list.damages, skipped };
      }),
    repair: refused('maintenance.repair'),
    reclaim: refused('maintenance.reclaim'),
  };
}
