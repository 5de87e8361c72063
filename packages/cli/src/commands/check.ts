import {
  type CheckReport,
  checkStore,
  type Damage,
  type MaintenanceOptions,
  type RepairReport,
  repairStore,
} from '@switchyard/storage-core';
import type { Command } from 'commander';
import { AlreadyReported } from '../cli-error.js';
import { type CommandContext, openBackend } from '../command-context.js';
import { count } from '../output/plain-text.js';
import { chooseStore, storeHelp } from '../stores/choose-store.js';

interface Options {
  readonly repair?: boolean;
}

/** `switchyard check STORE` */
export function addCheckCommand(program: Command, context: CommandContext): void {
  program
    .command('check')
    .summary('find and repair damage inside a store')
    .description(
      "Reads the whole store and reports damage: the engine's own check, references, text that is not UTF-8, " +
        'broken JSON, chunks missing from the full-text index or without vectors, codes, counters and approximate indexes. Changes nothing ' +
        'without --repair. Exit code 0: no damage, or all of it repaired; 1: damage remains.',
    )
    .argument('[store]', storeHelp())
    .option('--repair', 'rebuild damaged parts from the chunks and their vectors, then check again')
    .option('--json', 'print one object as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  $ switchyard check file:docs.db\n  $ switchyard check file:docs.db --repair\n  $ switchyard check file:docs.db --json',
    )
    .action(async (store: string | undefined, options: Options) =>
      run(context, await chooseStore(context, store), options),
    );
}

async function run(context: CommandContext, store: string, { repair = false }: Options): Promise<void> {
  const { output, signal, switchyard } = context;
  const { redacted } = switchyard.parse(store);
  const backend = await openBackend(context, store, { mustExist: true });
  const progress = output.progress(`${repair ? 'Repairing' : 'Checking'} ${redacted}`, 'steps');
  const options: MaintenanceOptions = {
    signal,
    onProgress: ({ done, total }) => progress.update(done, total),
  };
  let repaired: RepairReport | null = null;
  let report: CheckReport;
  try {
    if (repair) {
      repaired = await repairStore(backend, options);
      report = repaired.after;
    } else {
      report = await checkStore(backend, options);
    }
  } finally {
    progress.stop();
  }
  const sound = report.damages.length === 0;
  const result = { store: redacted, sound, ...report, ...(repaired === null ? {} : { repair: repaired }) };
  await output.result(result, () =>
    repaired === null ? formatCheck(report, redacted) : formatRepair(repaired, redacted),
  );
  if (!sound) throw new AlreadyReported();
}

function formatCheck({ damages, skipped }: CheckReport, store: string): string {
  const lines = damages.flatMap(formatDamage);
  const canRepair = damages.filter(({ repair }) => repair !== null).length;
  if (damages.length === 0) lines.push(`No damage found in ${store}.`);
  else {
    lines.push(
      '',
      `${store} is damaged: ${count(damages.length, 'finding')}, ${canRepair} of them repairable.`,
    );
    if (canRepair > 0)
      lines.push('Repair with: switchyard check STORE --repair (keep a copy of the store first).');
  }
  return [...lines, ...skipped.map((part) => `Skipped: ${part}`)].join('\n').trimStart();
}

function formatRepair({ before, repaired, after }: RepairReport, store: string): string {
  const lines = before.damages.flatMap(formatDamage);
  if (lines.length > 0) lines.push('');
  lines.push(...repaired.map((action) => `Done: ${action}`));
  if (before.damages.length === 0) lines.push(`No damage found in ${store}; nothing was changed.`);
  else if (after.damages.length === 0) lines.push(`${store} is repaired: a second check found nothing.`);
  else {
    lines.push('', `A second check of ${store} still finds:`, ...after.damages.flatMap(formatDamage));
  }
  return [...lines, ...after.skipped.map((part) => `Skipped: ${part}`)].join('\n');
}

/** Not a table, which would cut the advice to the width of the terminal. */
function formatDamage({ code, detail, count: times, examples, repair, advice }: Damage): string[] {
  const places = examples.slice(0, 3).join(', ');
  const more = times > Math.min(3, examples.length) && examples.length > 0 ? ', …' : '';
  const where = places === '' ? '' : ` (${places}${more})`;
  return [
    `${code}: ${detail} ${count(times, 'time')}${where}`,
    repair === null ? `  cannot be repaired. ${advice ?? ''}`.trimEnd() : `  --repair: ${repair}`,
  ];
}
