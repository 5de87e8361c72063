import { DocumentStore, type VersionRef } from '@switchyard/storage-core';
import { type AnnIndexEstimate, type AnnIndexes, requireSearchMode } from '@switchyard/storage-core/backend';
import type { Command } from 'commander';
import { findVersion } from '../arguments/find-version.js';
import { formatLibrary, requireLibraryArgument } from '../arguments/library-ref.js';
import { AlreadyReported, CliError } from '../cli-error.js';
import { type CommandContext, openBackend } from '../command-context.js';
import { count, formatBytes } from '../output/plain-text.js';
import { storeHelp, takeStore } from '../stores/choose-store.js';

interface Options {
  readonly build?: boolean;
  readonly drop?: boolean;
  readonly audit?: boolean;
  readonly yes?: boolean;
  readonly store?: string;
}

/** `switchyard ann-index STORE LIBRARY` */
export function addAnnIndexCommand(program: Command, context: CommandContext): void {
  program
    .command('ann-index')
    .summary("estimate, build, drop or audit the index of a version for the search mode 'diskann'")
    .description(
      'Estimates the size and build time of an approximate index and lists reasons against it. Searches do not need one: ' +
        'the exact mode is the default. Local libSQL stores only.',
    )
    .usage('[options] [STORE] LIBRARY')
    .argument('[store]', storeHelp())
    .argument('[library]', 'NAME or NAME@VERSION')
    .option('--store <store>', 'STORE, if it is not the first argument')
    .option('--build', 'build or rebuild the index; requires --yes')
    .option('--yes', 'confirm that you have read the estimate and the hazards')
    .option('--drop', 'drop the index')
    .option('--audit', 'compare the index with the vectors; exit code 1 if something is wrong')
    .option('--json', 'print one object as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  $ switchyard ann-index docs.db pino@10\n  $ switchyard ann-index docs.db pino@10 --build --yes',
    )
    .action(async (first: string | undefined, second: string | undefined, options: Options) => {
      const { build, drop, audit } = options;
      if ([build, drop, audit].filter(Boolean).length > 1)
        throw new CliError(
          'CLI_USAGE',
          '--build, --drop and --audit are mutually exclusive.',
          'Use one of them.',
        );
      const words = [first, second].filter((word) => word !== undefined);
      const { store, rest } = await takeStore(context, { words, option: options.store, after: 1 });
      const [library] = rest;
      if (library === undefined)
        throw new CliError('CLI_USAGE', 'Missing LIBRARY.', 'See `switchyard help ann-index`.');
      const wanted = requireLibraryArgument(library);
      const backend = await openBackend(context, store, { mustExist: true });
      requireSearchMode(backend.name, backend.capabilities, 'diskann');
      const documents = await DocumentStore.open({ backend, signal: context.signal });
      const version = await findVersion(documents, wanted, context.output);
      if (backend.annIndexes === undefined)
        throw new TypeError(`The ${backend.name} backend declares diskann and has no indexes for it.`);
      await run(context, backend.annIndexes, version, options);
    });
}

async function run(
  { output, signal }: CommandContext,
  indexes: AnnIndexes,
  version: VersionRef & { readonly library: string; readonly version: string },
  { build, drop, audit, yes }: Options,
): Promise<void> {
  const name = formatLibrary(version.library, version.version);
  if (drop) {
    const dropped = await indexes.drop(version, { signal });
    await output.result({ dropped }, () =>
      dropped ? `Dropped the index of ${name}.` : `${name} has no index.`,
    );
    return;
  }
  if (audit) {
    const report = await indexes.audit(version, { signal });
    await output.result(report, () =>
      [
        `Checked ${report.checked} entries of ${name}: ${count(report.problems.length, 'problem')}.`,
        ...report.problems.map(({ detail, chunkId }) => `  chunk ${chunkId}: ${detail}`),
        ...(report.problems.length > 0 ? ['Rebuild it with --build --yes.'] : []),
      ].join('\n'),
    );
    if (report.problems.length > 0) throw new AlreadyReported();
    return;
  }
  const estimate = await indexes.estimate(version, { signal });
  if (build && !yes)
    throw new CliError(
      'CLI_USAGE',
      describe(name, estimate),
      'If that is what you want, add --yes. Nothing was built.',
    );
  if (build) await indexes.build(version, { signal });
  await output.result({ ...estimate, built: build === true || estimate.built }, () =>
    build ? `Built the index of ${name}.\n${describe(name, estimate)}` : describe(name, estimate),
  );
}

function describe(name: string, { vectors, bytes, seconds, hazards, built }: AnnIndexEstimate): string {
  return [
    `An index of ${name} (${count(vectors, 'vector')}) takes about ${formatBytes(bytes)} and ${seconds} s of processor time.`,
    ...hazards.map((hazard) => `- ${hazard}`),
    ...(built ? ['It already exists.'] : []),
  ].join('\n');
}
