import { createReadStream } from 'node:fs';
import { embedQuery, type SearchHit } from '@switchyard/storage-core';
import type { Command } from 'commander';
import { findVersion } from '../arguments/find-version.js';
import { type LibraryArgument, requireLibraryArgument } from '../arguments/library-ref.js';
import { wholeNumber } from '../arguments/numbers.js';
import { CliError } from '../cli-error.js';
import { type CommandContext, openForReading } from '../command-context.js';
import { bounds } from '../config/keys.js';
import {
  chooseForSearch,
  closeEmbedder,
  type EmbedderChoice,
  embedderHelp,
} from '../embedding/choose-embedder.js';
import { formatHits, toHitRecord } from '../output/hits.js';
import { answerQueries } from '../queries/answer-queries.js';
import { requireFile } from '../queries/require-file.js';
import { storeHelp, takeStore } from '../stores/choose-store.js';

interface Options {
  readonly limit?: number;
  readonly store?: string;
  readonly embedder?: string;
  readonly ftsOnly?: boolean;
  readonly queries?: string;
}

/** `switchyard search STORE LIBRARY[@VERSION] TEXT` and `switchyard search STORE --queries FILE` */
export function addSearchCommand(program: Command, context: CommandContext): void {
  program
    .command('search')
    .summary('search one version of a library, by vector and full text')
    .description(
      'Searches one version of a library by vector and full text, or answers a file of queries. If the store has no ' +
        'vectors, or no embedder is available, uses full text only and says so on stderr.',
    )
    .usage('[options] [STORE] LIBRARY TEXT')
    .argument('[store]', storeHelp())
    .argument(
      '[library]',
      'LIBRARY@VERSION; the version may be partial (fastify@5), a range (fastify@^5.1) or latest. Default: latest',
    )
    .argument('[text...]', 'search text; "double quotes" inside it make a phrase')
    .option('--store <store>', 'STORE, if it is not the first argument')
    .option(
      '-n, --limit <number>',
      `maximum number of hits; default ${DEFAULT_LIMIT}`,
      wholeNumber(bounds.limit.min, bounds.limit.max),
    )
    .option('--embedder <spec>', `embedder of the text: ${embedderHelp}. Default: the model of the store`)
    .option('--fts-only', 'full-text search only, without an embedder')
    .option('--queries <file>', 'answer the queries in a file of JSON lines; - reads stdin')
    .option('--json', 'print one object as JSON, including the text of every hit')
    .addHelpText('after', help)
    .action(
      async (first: string | undefined, second: string | undefined, more: string[], options: Options) => {
        const words = [first, second, ...more].filter((word) => word !== undefined);
        if (options.ftsOnly === true && options.embedder !== undefined) {
          throw usage('--fts-only and --embedder are mutually exclusive.');
        }
        if (options.queries !== undefined) {
          const { store, rest } = await takeStore(context, { words, option: options.store, after: 0 });
          if (rest.length > 0) throw usage('With --queries, library and text come from the file.');
          return searchMany(context, store, options.queries, options);
        }
        const { store, rest } = await takeStore(context, { words, option: options.store, after: null });
        const [library, ...text] = rest;
        if (library === undefined) throw usage('Missing library and text, or --queries.');
        const joined = text.join(' ');
        if (joined.trim() === '') throw usage('Missing text to search for.');
        return searchOne(context, store, requireLibraryArgument(library), joined, options);
      },
    );
}

const help = `
With a default for STORE, the first argument is STORE only if it begins with a scheme, /, ./ or ../, or ends in .db, .sqlite
or .sqlite3; otherwise it is LIBRARY.

With --queries, each line is {"library", "version", "text", "limit", "vector"?}; "vector" is base64 of little-endian
float32, which makes an embedder unnecessary. Results are printed to stdout in the same order, one JSON object per line:
{"library", "version", "text", "limit", "hits": [{"id", "url", "score", "vecRank", "ftsRank"}]}; a rank is null if that
list does not contain the chunk. A line that cannot be answered gets {"line", "error"} instead, and the exit code is 1.
Queries without a vector use full text only, unless --embedder is given.

Examples:
  $ switchyard search file:docs.db fastify@5.6.0 "register a plugin"
  $ switchyard search file:docs.db pino '"child logger" options' --fts-only -n 10
  $ switchyard search file:docs.db --queries queries.jsonl > answers.jsonl`;

/** Default of `--limit` without a configuration file. */
const DEFAULT_LIMIT = 5;

async function chooseLimit({ settings }: CommandContext, given: number | undefined): Promise<number> {
  return given ?? (await settings.value('limit')) ?? DEFAULT_LIMIT;
}

function usage(message: string): CliError {
  return new CliError('CLI_USAGE', message, 'See `switchyard help search`.');
}

async function searchOne(
  context: CommandContext,
  store: string,
  wanted: LibraryArgument,
  text: string,
  { limit: given, embedder: spec, ftsOnly }: Options,
): Promise<void> {
  const { output, signal, env, settings } = context;
  const limit = await chooseLimit(context, given);
  const documents = await openForReading(context, store);
  const { library, version } = await findVersion(documents, wanted, output);
  const choice: EmbedderChoice =
    ftsOnly === true
      ? { embedder: null, note: null }
      : chooseForSearch(spec, documents.profile, env, await settings.value('embedder'));
  if (choice.note !== null) output.note(choice.note);
  try {
    const dimension = documents.profile?.dimension;
    const vector =
      choice.embedder === null ? undefined : await embedQuery(choice.embedder, text, { dimension, signal });
    const hits = await documents.search(library, version, text, { limit, vector, signal });
    const mode = vector === undefined ? 'fts' : 'hybrid';
    const result = { library, version, text, limit, mode, hits: hits.map(toFullHit) };
    await output.result(result, () =>
      hits.length === 0 ? 'Nothing found.' : formatHits(hits, text, output.colors),
    );
  } finally {
    await closeEmbedder(choice.embedder);
  }
}

async function searchMany(
  context: CommandContext,
  store: string,
  file: string,
  options: Options,
): Promise<void> {
  const { output, signal, env, stdin } = context;
  const { embedder: spec, ftsOnly } = options;
  const limit = await chooseLimit(context, options.limit);
  if (file !== '-') await requireFile(file);
  const documents = await openForReading(context, store);
  const { embedder, note } =
    spec === undefined ? { embedder: null, note: null } : chooseForSearch(spec, documents.profile, env);
  if (note !== null) output.note(note);
  try {
    await answerQueries(file === '-' ? stdin : createReadStream(file), {
      documents,
      output,
      signal,
      limit,
      ftsOnly: ftsOnly === true,
      embed:
        embedder === null
          ? null
          : (text) => embedQuery(embedder, text, { dimension: documents.profile?.dimension, signal }),
    });
  } finally {
    await closeEmbedder(embedder);
  }
}

function toFullHit(hit: SearchHit) {
  const { title, contentType, metadata, content, sortOrder } = hit;
  return {
    ...toHitRecord(hit),
    title,
    path: metadata.path,
    types: metadata.types,
    contentType,
    sortOrder,
    content,
  };
}
