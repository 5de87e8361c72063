import type { MigrationPlan, MigrationResult } from '@switchyard/storage-core';
import type { Command } from 'commander';
import { type CommandContext, openBackend } from '../command-context.js';
import { chooseStore, storeHelp } from '../stores/choose-store.js';

interface Options {
  readonly dryRun?: boolean;
}

/** A migration as printed with `--json`. */
interface Migration extends MigrationPlan {
  readonly store: string;
  readonly dryRun: boolean;
  /** Ids of the applied steps; with a dry run, of those that would be applied. */
  readonly applied: readonly string[];
}

/** `switchyard migrate STORE` */
export function addMigrateCommand(program: Command, context: CommandContext): void {
  program
    .command('migrate')
    .summary('migrate the schema of a store to the latest level')
    .description(
      'Migrates the schema of a store to the level that this version writes, all steps or none. No other command does so: ' +
        'stores are read at their own level, and writing to an older one is refused. Other software that uses the ' +
        'store must support the new level.',
    )
    .argument('[store]', storeHelp())
    .option('--dry-run', 'print the steps and change nothing')
    .option('--json', 'print one object as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  $ switchyard migrate file:docs.db --dry-run\n  $ switchyard migrate file:docs.db',
    )
    .action(async (given: string | undefined, { dryRun = false }: Options) => {
      const store = await chooseStore(context, given);
      const { output, switchyard, signal } = context;
      const backend = await openBackend(context, store, { mustExist: true });
      const plan = await backend.migrator.plan({ signal });
      const place = output.redact(switchyard.parse(store).redacted);
      const progress = output.progress(`Migrating ${place}`, 'steps');
      if (!dryRun && plan.steps.length > 0) progress.update(0, plan.steps.length);
      let result: MigrationResult;
      try {
        const onProgress = ({ done, total }: { readonly done: number; readonly total: number }) =>
          progress.update(done, total);
        result = await backend.migrator.migrate({ dryRun, signal, onProgress });
      } finally {
        progress.stop();
      }
      const migration = toMigration(place, plan, result);
      await output.result(migration, () => formatMigration(migration));
    });
}

/** Another process may have applied some steps since they were planned; reports those actually applied. */
function toMigration(store: string, plan: MigrationPlan, result: MigrationResult): Migration {
  const { from, to, applied, dryRun } = result;
  return { store, from, to, steps: plan.steps.filter(({ id }) => applied.includes(id)), applied, dryRun };
}

function formatMigration({ store, from, to, steps, dryRun }: Migration): string {
  if (steps.length === 0) return `${store} has schema level ${to}, which is the latest. Nothing to do.`;
  const levels = from === null ? `to level ${to}` : `from level ${from} to ${to}`;
  return [
    dryRun ? `${store} would be migrated ${levels}:` : `Migrated ${store} ${levels}:`,
    ...steps.map(({ id, description }) => `  ${id}  ${description}`),
    ...(dryRun ? ['Nothing was changed.'] : []),
  ].join('\n');
}
