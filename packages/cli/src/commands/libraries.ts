import type { LibrarySummary } from '@switchyard/storage-core';
import type { Command } from 'commander';
import { type CommandContext, openForReading } from '../command-context.js';
import { formatTable } from '../output/table.js';
import { chooseStore, storeHelp } from '../stores/choose-store.js';

/** `switchyard libraries STORE` */
export function addLibrariesCommand(program: Command, context: CommandContext): void {
  program
    .command('libraries')
    .summary('list the libraries and versions of a store')
    .description(
      'Lists the libraries and versions of a store: newest version first, after the unversioned one.',
    )
    .argument('[store]', storeHelp())
    .option('--json', 'print an array of libraries as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  $ switchyard libraries file:docs.db\n  $ switchyard libraries file:docs.db --json',
    )
    .action(async (given: string | undefined) => {
      const store = await chooseStore(context, given);
      const documents = await openForReading(context, store);
      const libraries = await documents.overview({ signal: context.signal });
      await context.output.result(libraries.map(withoutOptions), () => formatLibraries(libraries, context));
    });
}

/** Scraper options belong to the application, and may hold its credentials. */
function withoutOptions({ versions, ...library }: LibrarySummary): object {
  return { ...library, versions: versions.map(({ scraperOptions: _, ...version }) => version) };
}

function formatLibraries(libraries: readonly LibrarySummary[], { output }: CommandContext): string {
  if (libraries.length === 0) return 'The store has no libraries yet.';
  const rows = libraries.flatMap((library) =>
    library.versions.map((version) => [
      library.name,
      version.name === '' ? '(unversioned)' : version.name,
      version.status,
      `${version.progress.pages}/${version.progress.maxPages}`,
      String(version.urls),
      String(version.chunks),
      version.indexedAt?.slice(0, 10) ?? '',
      version.errorMessage ?? version.sourceUrl ?? '',
    ]),
  );
  const head = ['library', 'version', 'status', 'progress', 'pages', 'chunks', 'indexed', 'source or error'];
  return formatTable(head, rows, output.colors, output.columns);
}
