import type { CallRunner, Migrator } from '@switchyard/storage-core/backend';

/** Level of the schema that this backend writes. */
const LEVEL = 1;

/** A schema that has never changed. When yours does, raise the level and migrate stores of the older ones. */
export function migrator(run: CallRunner): Migrator {
  return {
    status: (options) => run(options, () => ({ state: 'current', level: LEVEL, latest: LEVEL })),
    plan: (options) => run(options, () => ({ from: LEVEL, to: LEVEL, steps: [] })),
    migrate: (options) =>
      run(options, () => ({ from: LEVEL, to: LEVEL, applied: [], dryRun: options?.dryRun === true })),
  };
}
