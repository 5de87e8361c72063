import { copyStore, verifyStores } from '@switchyard/storage-core';
import { requireDistinctNames } from '@switchyard/storage-core/backend';
import type { Command } from 'commander';
import { AlreadyReported, CliError } from '../cli-error.js';
import { type CommandContext, openBackend } from '../command-context.js';
import { formatVerification } from '../commands/verify.js';
import type { Output } from '../output/output.js';
import { count, formatBytes } from '../output/plain-text.js';
import type { Progress } from '../output/progress.js';
import { refuseSameStore } from '../stores/same-store.js';
import {
  type ConversionPlan,
  type ConversionProgress,
  type ConversionResult,
  type ConversionTarget,
  loadConversion,
  type ProblemCounts,
} from './conversion.js';

interface Options {
  readonly to?: string;
  readonly inPlace?: boolean;
  readonly backup?: string;
  readonly dryRun?: boolean;
  readonly report?: string;
}

const help = `
The legacy store is opened read-only. Every row, id, text, timestamp and vector is converted; nothing is re-embedded.
The new store is built next to the target, compared with the legacy one, and only then renamed. Ctrl-C, a kill or a full
disk leave the legacy store unchanged; run the command again to resume.

Examples:
  $ switchyard convert old.db --to new.db --dry-run
  $ switchyard convert old.db --to new.db
  $ switchyard convert documents.db --in-place
  $ LIBSQL_AUTH_TOKEN=… switchyard convert old.db --to libsql://HOST`;

/** `switchyard convert LEGACY --to STORE | --in-place` */
export function addConvertCommand(program: Command, context: CommandContext): void {
  program
    .command('convert')
    .summary('convert a legacy store (better-sqlite3 + sqlite-vec) to libSQL')
    .description('Converts a store written with better-sqlite3 and sqlite-vec, schema level 009 to 014.')
    .argument('<legacy>', 'path of the legacy store')
    .option('--to <store>', 'connection string of the new store: a new file, or a server')
    .option(
      '--in-place',
      'replace the legacy store with the new one, and keep the old file next to it as a backup',
    )
    .option('--backup <file>', 'with --in-place: path of the backup. Default: LEGACY.legacy-backup')
    .option('--dry-run', 'plan the conversion and report problems of the legacy store, without converting')
    .option('--report <file>', 'file for problems, one JSON object per line. Default: next to the new store')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', help)
    .action((legacy: string, options: Options) => run(context, legacy.replace(/^sqlite-vec:/, ''), options));
}

async function run(context: CommandContext, source: string, options: Options): Promise<void> {
  const { to, inPlace = false, backup } = options;
  if ((to === undefined) === !inPlace) throw usage('Use either --to STORE or --in-place.');
  if (backup !== undefined && !inPlace) throw usage('--backup requires --in-place.');
  const target = targetOf(context, to, backup);
  if (options.dryRun === true) return plan(context, source, target ?? { type: 'in-place' }, options);
  if (target === null) return convertThroughPorts(context, source, to as string, options);

  const { convertLegacyStore } = await loadConversion();
  const shown = new ShownProgress(context.output);
  let result: ConversionResult;
  try {
    result = await convertLegacyStore({
      source,
      target,
      report: options.report,
      signal: context.signal,
      onProgress: (progress) => shown.update(progress),
    });
  } finally {
    shown.stop();
  }
  await context.output.result(result, () => formatResult(result));
}

/** Returns null unless the target is a file: for a server, or a replica of one. */
function targetOf(
  { switchyard }: CommandContext,
  to: string | undefined,
  backup: string | undefined,
): ConversionTarget | null {
  if (to === undefined) return { type: 'in-place', backup };
  const { backend, location } = switchyard.parse(to);
  return backend === 'libsql' && location.type === 'file' ? { type: 'file', path: location.path } : null;
}

async function plan(
  { output, signal }: CommandContext,
  source: string,
  target: ConversionTarget,
  { report }: Options,
): Promise<void> {
  const { planConversion } = await loadConversion();
  const progress = output.progress('Looking', 'vectors');
  let result: ConversionPlan;
  try {
    result = await planConversion({
      source,
      target,
      report,
      signal,
      onProgress: (rows, total) => progress.update(rows, total),
    });
  } finally {
    progress.stop();
  }
  await output.result({ dryRun: true, ...result }, () => formatPlan(result));
}

/** Converts to any other backend through the ports; problems of the legacy store are found by planning first. */
async function convertThroughPorts(
  context: CommandContext,
  source: string,
  to: string,
  { report }: Options,
): Promise<void> {
  const { LegacySource, planConversion } = await loadConversion();
  const { output, signal, switchyard } = context;
  const target = switchyard.parse(to).redacted;
  refuseSameStore(switchyard.parse(`sqlite-vec:${source}`), switchyard.parse(to), 'LEGACY and --to');
  const { problemCounts, report: written } = await planConversion({
    source,
    target: { type: 'in-place' },
    report: report ?? `${source}.conversion-report.jsonl`,
    signal,
  });
  const legacy = new LegacySource({ path: source });
  await legacy.open({ signal });
  const [copying, comparing] = [
    output.progress(`Converting to ${target}`, 'chunks'),
    output.progress('Comparing', 'chunks'),
  ];
  try {
    await requireDistinctNames(legacy, { signal }); // before a target is created
    const destination = await openBackend(context, to, {});
    const copied = await copyStore(legacy, destination, {
      signal,
      unchecked: true, // checked by the plan
      onProgress: ({ chunks, totalChunks }) => copying.update(chunks, totalChunks),
    });
    copying.stop();
    const rewritten = [
      'fts-missing',
      'fts-orphan',
      'fts-differ',
      'text-ill-formed',
      'text-numbered',
      'index-differs',
      'index-missing',
    ] as const;
    const searches = rewritten.some((kind) => problemCounts[kind] !== undefined) ? 0 : undefined;
    const verification = await verifyStores(legacy, destination, {
      signal,
      unchecked: true,
      searches,
      onProgress: ({ chunks, totalChunks }) => comparing.update(chunks, totalChunks),
    });
    comparing.stop();
    const result = { target, ...copied, problemCounts, report: written, verification };
    await output.result(result, () =>
      [
        `Converted ${source} to ${target}.`,
        ...problemLines(problemCounts, written),
        formatVerification(verification),
      ].join('\n'),
    );
    if (!verification.equal) throw new AlreadyReported('The stores differ.');
  } finally {
    copying.stop();
    comparing.stop();
    await legacy.close();
  }
}

/** Shows one progress bar for each step that takes time. */
class ShownProgress {
  readonly #output: Output;
  #step = '';
  #bar: Progress | null = null;

  constructor(output: Output) {
    this.#output = output;
  }

  update(progress: ConversionProgress): void {
    if (progress.step !== this.#step) {
      this.stop();
      this.#step = progress.step;
      if (progress.step === 'convert') this.#bar = this.#output.progress('Converting', 'rows');
      if (progress.step === 'verify') this.#bar = this.#output.progress('Comparing', 'chunks');
      if (progress.step === 'wait') {
        this.#output.note('Waiting for the process of a conversion to the same target that was killed.');
      }
      if (progress.step === 'snapshot') {
        this.#output.note(
          'Another process is writing to the legacy store; its state at this moment is converted.',
        );
      }
    }
    if (progress.step === 'convert') this.#bar?.update(progress.rows, progress.totalRows);
    if (progress.step === 'verify') this.#bar?.update(progress.chunks, progress.totalChunks);
  }

  stop(): void {
    this.#bar?.stop();
    this.#bar = null;
  }
}

function usage(message: string): CliError {
  return new CliError('CLI_USAGE', message, 'See `switchyard help convert`.');
}

function formatResult(result: ConversionResult): string {
  const { alreadyConverted, target, legacy, counts, verification, seconds, problemCounts, report } = result;
  if (alreadyConverted) return `${target} was already converted. The legacy store is ${legacy}.`;
  const what =
    counts === null
      ? ''
      : `: ${count(counts.versions, 'version')}, ${count(counts.pages, 'page')}, ${count(counts.chunks, 'chunk')}, ${count(counts.vectors, 'vector')}`;
  const took = `in ${seconds.convert.toFixed(1)} s, compared in ${seconds.verify.toFixed(1)} s`;
  return [
    `Converted to ${target}${what}, ${took}.`,
    `The legacy store is ${legacy}${legacy === target ? '' : ', unchanged'}.`,
    ...problemLines(problemCounts, report),
    ...(verification === null ? [] : [formatVerification(verification)]),
  ].join('\n');
}

function formatPlan(plan: ConversionPlan): string {
  const { source, level, profile, counts, sourceBytes, neededBytes, freeBytes, estimatedSeconds } = plan;
  const vectors =
    profile === null
      ? 'none'
      : `${profile.model ?? 'unknown model'}, ${profile.dimension} dimensions, ${profile.metric}`;
  const inIndex = counts.indexOnly === 0 ? '' : `, ${counts.indexOnly} of them in the vector index only`;
  const room = freeBytes >= neededBytes ? '' : ' Not enough free space.';
  return [
    `${source}: a legacy store of level ${String(level).padStart(3, '0')}, ${formatBytes(sourceBytes)}.`,
    `It contains ${count(counts.libraries, 'library').replace('librarys', 'libraries')}, ${count(counts.versions, 'version')}, ${count(counts.pages, 'page')}, ${count(counts.chunks, 'chunk')}, ${count(counts.embeddings + counts.indexOnly, 'vector')}${inIndex} (${vectors}).`,
    `The new store takes about ${formatBytes(neededBytes)}; ${formatBytes(freeBytes)} free.${room}`,
    `Converting and comparing takes about ${Math.max(1, Math.round(estimatedSeconds))} s.`,
    ...problemLines(plan.problemCounts, plan.report),
    ...plan.problems.map(
      ({ table, id, detail }) => `  ${table ?? 'store'}${id === null ? '' : ` ${id}`}: ${detail}`,
    ),
    'Nothing was changed.',
  ].join('\n');
}

const leftBehind =
  'The legacy store has an unfinished re-embedding: its new vectors are not converted, those in use are. ' +
  '`switchyard reembed` finishes it in the legacy store, or restarts it in the new one.';

function problemLines(problems: ProblemCounts, report: string | null): string[] {
  const kinds = Object.entries(problems);
  if (kinds.length === 0) return ['No problems were found in the legacy store.'];
  const total = kinds.reduce((sum, [, n]) => sum + n, 0);
  const where = report === null ? '' : `, each in ${report}`;
  return [
    ...(problems['reembedding-unfinished'] === undefined ? [] : [leftBehind]),
    `Found in the legacy store: ${kinds.map(([kind, n]) => `${n} ${kind}`).join(', ')} (${count(total, 'problem')}${where}).`,
  ];
}
