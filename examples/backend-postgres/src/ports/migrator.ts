import type { MigrationStep } from '@switchyard/storage-core';
import type { CallRunner, Migrator } from '@switchyard/storage-core/backend';
import { LEVEL } from '../database/create-schema.js';
import type { Session } from '../database/session.js';

const STEPS: readonly MigrationStep[] = [
  { id: '001-create', description: 'Create the tables of the store.' },
];

/** There is one level so far: a store is empty or current. A newer one is refused when it is opened. */
export function postgresMigrator(session: Session, run: CallRunner): Migrator {
  const plan = (exists: boolean) => ({ from: exists ? LEVEL : null, to: LEVEL, steps: exists ? [] : STEPS });
  return {
    status: (options) =>
      run(options, async () =>
        (await session.exists(options))
          ? { state: 'current', level: LEVEL, latest: LEVEL }
          : { state: 'empty', level: null, latest: LEVEL },
      ),
    plan: (options) => run(options, async () => plan(await session.exists(options))),
    migrate: (options) =>
      run(options, async () => {
        const { from, to, steps } = plan(await session.exists(options));
        const dryRun = options?.dryRun === true;
        if (!dryRun && steps.length > 0) await session.write(options, async () => undefined);
        return { from, to, applied: steps.map(({ id }) => id), dryRun };
      }),
  };
}
