import type { ChunkSizes } from '@switchyard/docs-loader';
import { DocumentStore, isStorageError, StorageError } from '@switchyard/storage-core';
import { type Command, InvalidArgumentError } from 'commander';
import { formatLibrary, type LibraryArgument, parseLibraryArgument } from '../arguments/library-ref.js';
import { wholeNumber } from '../arguments/numbers.js';
import { AlreadyReported, CliError } from '../cli-error.js';
import { type CommandContext, openBackend } from '../command-context.js';
import { bounds } from '../config/keys.js';
import { chooseForIndexing, closeEmbedder, embedderHelp } from '../embedding/choose-embedder.js';
import { type IndexReport, indexVersion } from '../indexing/index-version.js';
import { type LoadedSource, loadSource, type SourceOptions } from '../indexing/load-source.js';
import { formatPreview, previewIndexing } from '../indexing/preview.js';
import { tooLargeError } from '../indexing/report-too-large.js';
import { count } from '../output/plain-text.js';
import { chooseStore, storeHelp } from '../stores/choose-store.js';
import { NewStore } from '../stores/new-store.js';

interface Options {
  readonly library?: LibraryArgument;
  readonly store?: string;
  readonly embedder?: string | undefined;
  readonly baseUrl?: string | undefined;
  readonly chunkSize?: number | undefined;
  readonly include?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
  readonly force?: boolean;
  readonly keepMissing?: boolean;
  readonly replaceSource?: boolean;
  readonly resetVectors?: boolean;
  readonly dryRun?: boolean;
}

/** Options that a configuration file may give. */
type Defaults = Pick<Options, 'baseUrl' | 'embedder' | 'chunkSize' | 'include' | 'exclude'>;

/** `switchyard index SOURCE --library LIBRARY[@VERSION] --store STORE` */
export function addIndexCommand(program: Command, context: CommandContext): void {
  program
    .command('index')
    .summary('index the documentation in a folder or an installed package')
    .description(
      'Reads the Markdown and text files of a folder, a file or an installed npm package, splits them into chunks, embeds ' +
        'and stores them. Run again, it writes only changed pages, and deletes pages that the source no longer has; pages of another source only with --replace-source. ' +
        'Ctrl-C stops it cleanly (status cancelled, exit code 130); run it again to resume.',
    )
    .argument(
      '<source>',
      'folder, file, or name of an installed package (npm:NAME if a folder has that name)',
    )
    .option('--store <store>', storeHelp('connection string; the store is created if it does not exist'))
    .option(
      '--library <name>',
      'LIBRARY or LIBRARY@VERSION. Default: name and version of the package, or name of the folder, unversioned',
      parseLibraryArgument,
    )
    .option('--embedder <spec>', `${embedderHelp}. Default: the model of the store; offline for a new store`)
    .option('--base-url <url>', 'prefix of page paths in their URLs')
    .option(
      '--chunk-size <characters>',
      'maximum size of a chunk; default 2000',
      wholeNumber(bounds.chunkSize.min, bounds.chunkSize.max),
    )
    .option('--include <glob>', 'read only files that match; may be repeated', collect)
    .option('--exclude <glob>', 'leave out files that match; may be repeated', collect)
    .option('--force', 'write every page, changed or not')
    .option('--keep-missing', 'keep pages that the source no longer has')
    .option(
      '--replace-source',
      'delete pages that came from another folder, file or package; by default they are kept',
    )
    .option('--reset-vectors', 'confirm a change of the model: drops all vectors of the whole store')
    .option('--dry-run', 'print what would be written, embedded and deleted, with an estimate of tokens')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', help)
    .action((source: string, options: Options) => run(context, source, options));
}

const help = `
Examples:
  $ switchyard index ./docs --library handbook@2.1 --store file:docs.db
  $ switchyard index fastify --library fastify --store file:docs.db
  $ switchyard index ./docs --store file:docs.db --embedder none --keep-missing
  $ switchyard index ./docs --include guides --exclude '**/*.draft.md' --dry-run
  $ OPENAI_API_KEY=… switchyard index ./docs --store file:docs.db --embedder openai:text-embedding-3-small`;

async function run(context: CommandContext, source: string, options: Options): Promise<void> {
  const { output, signal, env, switchyard } = context;
  const { force = false, keepMissing = false, resetVectors = false } = options;
  const store = await chooseStore(context, options.store, '--store');
  const defaults = await withDefaults(context, options);
  const { baseUrl, embedder: spec, chunkSize, include, exclude } = defaults;
  if (baseUrl !== undefined && !URL.canParse(baseUrl)) {
    throw new CliError('CLI_USAGE', '--base-url is not a URL.', 'Write it as https://docs.example.org/.');
  }
  if (resetVectors && spec === 'none') {
    throw new CliError(
      'CLI_USAGE',
      '--reset-vectors requires another model, and --embedder none has none.',
      'Omit one of them, or name the other model with --embedder.',
    );
  }
  const { replaceSource = false } = options;
  if (keepMissing && replaceSource) {
    throw new CliError(
      'CLI_USAGE',
      '--keep-missing and --replace-source are mutually exclusive.',
      'Omit one of them.',
    );
  }
  const { redacted } = switchyard.parse(store);
  const sizes = chunkSize === undefined ? undefined : toSizes(chunkSize);
  const loaded = await read(context, source, { baseUrl, sizes, include, exclude });
  const { library, version } = nameOf(options.library, loaded);

  const request = {
    library,
    version,
    pages: loaded.pages,
    sourceUrl: loaded.sourceUrl,
    scraperOptions: {
      loader: 'switchyard',
      source,
      ...(baseUrl === undefined ? {} : { baseUrl }),
      ...(chunkSize === undefined ? {} : { chunkSize }),
      ...(include === undefined ? {} : { include }),
      ...(exclude === undefined ? {} : { exclude }),
    },
    force,
    keepMissing: keepMissing || keepsUnreadable(context, loaded),
    replaceSource,
  };
  const { warnings } = loaded;
  if (options.dryRun === true) {
    const preview = await previewIndexing(context, { ...request, store, spec, resetVectors, warnings }).catch(
      (error: unknown) => {
        throw withConfirmation(error);
      },
    );
    await output.result(preview, () => formatPreview(preview));
    return;
  }

  const newStore = new NewStore(switchyard.parse(store));
  const backend = await openBackend(context, store, {});
  let embedder: ReturnType<typeof chooseForIndexing> = null;
  try {
    const profile = await backend.vectors.profile({ signal });
    embedder = chooseForIndexing(spec, resetVectors ? null : profile, env);
    if (embedder === null && profile !== null) {
      output.note('The store has vectors, but these pages get none: only full-text search finds them.');
    }
    const onModelChange = resetVectors ? 'reset' : 'refuse';
    const documents = await DocumentStore.open({
      backend,
      embedder: embedder ?? undefined,
      onModelChange,
      signal,
    }).catch((error: unknown) => {
      throw withConfirmation(error);
    });
    const report = await indexVersion({
      documents,
      model: embedder?.model ?? null,
      ...request,
      output,
      signal,
    });
    const result = {
      library,
      version,
      store: redacted,
      embedder: embedder?.model ?? null,
      ...report,
      warnings,
    };
    await output.result(result, () => formatReport(formatLibrary(library, version), report));
    if (embedder !== null && report.tooLarge.length > 0) {
      output.error(tooLargeError(report.tooLarge, embedder.model));
      throw new AlreadyReported('Some chunks have no vector.');
    }
  } catch (error) {
    if (!signal.aborted) await newStore.discardIfEmpty(backend);
    throw error;
  } finally {
    await closeEmbedder(embedder);
  }
}

/** Completes options with defaults of the configuration file. */
async function withDefaults({ settings }: CommandContext, options: Options): Promise<Defaults> {
  const file = (await settings.file())?.values ?? {};
  return {
    baseUrl: options.baseUrl ?? file.baseUrl,
    embedder: options.embedder ?? file.embedder,
    chunkSize: options.chunkSize ?? file.chunkSize,
    include: options.include ?? file.include,
    exclude: options.exclude ?? file.exclude,
  };
}

/** Collects the values of an option that may be repeated. */
function collect(value: string, before: readonly string[] = []): readonly string[] {
  if (value.trim() === '') throw new InvalidArgumentError('It must be a glob, such as guides/**.');
  return [...before, value];
}

/** Blocks are collected up to half of the maximum, as by default. */
function toSizes(max: number): ChunkSizes {
  return { min: Math.floor(max / 10), preferred: Math.floor(max / 2), max };
}

/** Minimum duration of reading, in milliseconds, before progress is shown. */
const SHOW_READING_AFTER_MS = 1000;

/** Reads the source, and shows progress if it takes time. */
async function read(
  { output, signal }: CommandContext,
  source: string,
  options: Omit<SourceOptions, 'signal' | 'onProgress' | 'onWarning'>,
): Promise<LoadedSource> {
  const progress = output.progress(`Reading ${source}`, 'files');
  let isShown = false;
  let firstMs: number | undefined;
  try {
    return await loadSource(source, {
      ...options,
      signal,
      onProgress: ({ files, totalFiles, isLarge }) => {
        firstMs ??= performance.now();
        isShown ||= isLarge || performance.now() - firstMs > SHOW_READING_AFTER_MS;
        if (isShown) progress.update(files, totalFiles);
      },
      onWarning: ({ message }) => output.note(message),
    });
  } finally {
    progress.stop();
  }
}

/** Adds advice on the options that resolve a change of the model. */
function withConfirmation(error: unknown): unknown {
  if (!isStorageError(error, 'STORAGE_MODEL_CHANGED')) return error;
  const advice =
    'Index with the model of the store, re-embed the store (`switchyard reembed STORE --embedder EMBEDDER`), or drop ' +
    'all of its vectors with --reset-vectors.';
  const { code, message, backend, details } = error;
  return new StorageError(code, message, { backend, details, advice, cause: error });
}

/** Returns the requested names, with defaults from the package or folder. */
function nameOf(
  given: LibraryArgument | undefined,
  loaded: LoadedSource,
): { readonly library: string; readonly version: string } {
  const library = given?.library ?? loaded.library;
  const version = given?.version ?? loaded.version;
  return { library: library.toLowerCase(), version: version.toLowerCase() };
}

/** Returns true if nothing may be deleted, because part of the source could not be read. */
function keepsUnreadable({ output }: CommandContext, { warnings }: LoadedSource): boolean {
  const unreadable = warnings.some(({ reason }) => reason === 'unreadable');
  if (unreadable) output.note('Part of the source could not be read: no page is deleted.');
  return unreadable;
}

function formatReport(name: string, report: IndexReport): string {
  const {
    pagesAdded,
    pagesChanged,
    pagesUnchanged,
    pagesVanished,
    vanishedDeleted,
    otherSources,
    chunksWritten,
  } = report;
  const pages = pagesAdded + pagesChanged + pagesUnchanged;
  const lines = [
    `Indexed ${name}: ${count(pages, 'page')} (${pagesAdded} new, ${pagesChanged} changed, ${pagesUnchanged} unchanged), ` +
      `${count(chunksWritten, 'chunk')} written.`,
  ];
  if (pagesVanished.length > 0) {
    const what = `${count(pagesVanished.length, 'page')} that the source no longer has`;
    if (otherSources.length > 0) {
      lines.push(
        `Kept ${count(pagesVanished.length, 'page')} that this source does not have: ${name} was made from ${otherSources.join(', ')}.`,
        'To delete them, add --replace-source:',
        ...pagesVanished.map((url) => `  ${url}`),
      );
      return lines.join('\n');
    }
    lines.push(
      vanishedDeleted ? `Deleted ${what}:` : `Kept ${what}:`,
      ...pagesVanished.map((url) => `  ${url}`),
    );
  }
  return lines.join('\n');
}
