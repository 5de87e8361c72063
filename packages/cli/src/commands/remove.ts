import {
  compareVersionsNewestFirst,
  DocumentStore,
  StorageError,
  type VersionSummary,
} from '@switchyard/storage-core';
import { normalizeLibraryName, normalizeVersionName } from '@switchyard/storage-core/backend';
import type { Command } from 'commander';
import { formatLibrary, type LibraryArgument, requireLibraryArgument } from '../arguments/library-ref.js';
import { CliError } from '../cli-error.js';
import { type CommandContext, openBackend } from '../command-context.js';
import { confirm } from '../confirm.js';
import { requireUnclaimed } from '../indexing/run-claim.js';
import { count } from '../output/plain-text.js';
import { storeHelp, takeStore } from '../stores/choose-store.js';

interface Options {
  readonly store?: string;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

/** Content to remove. */
interface Removal {
  readonly library: string;
  /** True if the library goes too, because none of its versions remains. */
  readonly wholeLibrary: boolean;
  readonly versions: readonly VersionSummary[];
  readonly pages: number;
  readonly chunks: number;
}

/** `switchyard remove STORE LIBRARY[@VERSION]` */
export function addRemoveCommand(program: Command, context: CommandContext): void {
  program
    .command('remove')
    .usage('[options] [STORE] LIBRARY[@VERSION]')
    .summary('remove a version, or a library with all its versions')
    .description(
      'Removes a version with its pages, or without @VERSION the whole library with all its versions. Asks first; ' +
        'without a terminal it requires --yes. The space is reused by later writes: `switchyard optimize --reclaim` ' +
        'returns it to the disk.',
    )
    .argument('[store]', storeHelp())
    .argument(
      '[library]',
      'LIBRARY for all versions, LIBRARY@VERSION for one, LIBRARY@ for the unversioned one; VERSION is exact',
    )
    .option('--store <store>', 'STORE, if it is not the first argument')
    .option('--yes', 'remove without asking')
    .option('--dry-run', 'print what would be removed, and change nothing')
    .option('--json', 'print one object as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  $ switchyard remove docs.db pino@9.0.0\n  $ switchyard remove docs.db pino --dry-run\n  $ switchyard remove docs.db pino --yes --json',
    )
    .action(async (first: string | undefined, second: string | undefined, options: Options) => {
      const words = [first, second].filter((word) => word !== undefined);
      const { store, rest } = await takeStore(context, { words, option: options.store, after: 1 });
      const [library] = rest;
      if (library === undefined)
        throw new CliError('CLI_USAGE', 'Missing LIBRARY.', 'See `switchyard help remove`.');
      await run(context, store, requireLibraryArgument(library), options);
    });
}

async function run(
  context: CommandContext,
  store: string,
  wanted: LibraryArgument,
  { yes = false, dryRun = false }: Options,
): Promise<void> {
  const { output, signal, switchyard } = context;
  const backend = await openBackend(context, store, { mustExist: true });
  const documents = await DocumentStore.open({ backend, signal });
  const removal = await planRemoval(documents, wanted, signal);
  const place = output.redact(switchyard.parse(store).redacted);
  const described = describe(removal, place);
  if (!dryRun) {
    if (!yes) await confirm(context, `Remove ${described}?`);
    await removeAll(context, documents, removal);
  }
  const { versions, ...counts } = removal;
  const removed = versions.map(({ name, urls, chunks }) => ({ name, pages: urls, chunks }));
  await output.result({ dryRun, store: place, ...counts, versions: removed }, () =>
    dryRun ? `Would remove ${described}.\nNothing was changed.` : `Removed ${described}.`,
  );
}

/** @throws StorageError `STORAGE_NOT_FOUND` that lists the existing libraries or versions. */
async function planRemoval(
  documents: DocumentStore,
  wanted: LibraryArgument,
  signal: AbortSignal,
): Promise<Removal> {
  const name = normalizeLibraryName(wanted.library);
  const libraries = (await documents.libraries({ signal })).map((library) => library.name);
  if (!libraries.includes(name)) {
    const names = libraries.join(', ') || 'none';
    throw notFound(`The store has no library '${wanted.library}'. Its libraries: ${names}.`);
  }
  const overview = await documents.overview({ signal });
  // A library that lost its versions is in the list, but not in the overview.
  const library = overview.find((one) => one.name === name) ?? { name, versions: [] };
  const { version } = wanted;
  const versions =
    version === undefined
      ? library.versions
      : library.versions.filter((one) => one.name === normalizeVersionName(version));
  if (version !== undefined && versions.length === 0) {
    const names = library.versions
      .map((one) => one.name)
      .sort(compareVersionsNewestFirst)
      .map((one) => one || 'the unversioned one')
      .join(', ');
    const missing = version === '' ? 'no unversioned documentation' : `no version '${version}'`;
    throw notFound(`The store has ${missing} of '${library.name}'. Its versions: ${names}.`);
  }
  return {
    library: library.name,
    wholeLibrary: versions.length === library.versions.length,
    versions,
    pages: versions.reduce((sum, { urls }) => sum + urls, 0),
    chunks: versions.reduce((sum, { chunks }) => sum + chunks, 0),
  };
}

function notFound(message: string): StorageError {
  const advice = 'Name one of them; ranges and `latest` are not accepted here.';
  return new StorageError('STORAGE_NOT_FOUND', message, { advice });
}

/**
 * Removes what the plan names and nothing else: another program may have added a version since. The library goes with
 * its last version.
 */
async function removeAll(
  { signal }: CommandContext,
  documents: DocumentStore,
  { library, versions }: Removal,
): Promise<void> {
  for (const { id, name } of versions) {
    requireUnclaimed(await documents.scraperOptions(id, { signal }), formatLibrary(library, name));
  }
  for (const { name } of versions) await documents.removeVersion(library, name, { signal });
  if (versions.length === 0) await documents.removeLibrary(library, { signal });
}

function describe({ library, wholeLibrary, versions, pages, chunks }: Removal, place: string): string {
  const [only] = versions;
  const extent = `${count(pages, 'page')} and ${count(chunks, 'chunk')}`;
  const names = versions.map(({ name }) => name || 'unversioned').join(', ');
  const listed = names === '' ? '' : ` (${names})`;
  const what =
    versions.length === 1 && only !== undefined
      ? `${only.name === '' ? `the unversioned documentation of ${library}` : formatLibrary(library, only.name)}${wholeLibrary ? ', its only version' : ''}`
      : `the library ${library} with ${count(versions.length, 'version')}${listed}`;
  return `${what}, ${extent}, from ${place}`;
}
