import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import {
  askStores,
  type Check,
  type ComparedStore,
  type Comparison,
  checkThresholds,
  compareStores,
  renderReport,
  serveReport,
} from '@switchyard/storage-compare';
import type { DocumentStore, SearchMode } from '@switchyard/storage-core';
import { AlreadyReported, CliError } from '../cli-error.js';
import { type CommandContext, openForReading } from '../command-context.js';
import { exitCodes } from '../exit-codes.js';
import { formatComparison } from './format-comparison.js';
import { loadQueries, type QuerySource } from './load-queries.js';
import { openInBrowser } from './open-in-browser.js';
import { QueryVectors } from './query-vectors.js';
import { thresholdsOf } from './thresholds.js';

/** Options of `switchyard compare`. */
export interface CompareCommandOptions extends QuerySource, Readonly<Record<string, unknown>> {
  readonly limit: number;
  readonly embedder?: string;
  readonly ftsOnly?: boolean;
  readonly mode?: string;
  readonly repeat: number;
  readonly warmUp: number;
  readonly seed: number;
  readonly quick?: boolean;
  readonly report?: string;
  readonly open?: boolean;
  readonly port: number;
}

/** Runs `switchyard compare`. Imported when the command runs: the charts of the report take long to load. */
export async function runCompare(
  context: CommandContext,
  connections: string[],
  options: CompareCommandOptions,
): Promise<void> {
  if (options.ftsOnly === true && options.embedder !== undefined) {
    throw usage('--fts-only and --embedder exclude each other.');
  }
  if (options.report !== undefined && !/\.html?$/i.test(options.report)) {
    // A slip must not overwrite a store.
    throw usage(`--report must name a file that ends in .html, not '${options.report}'.`);
  }
  await compare(context, connections, options);
}

function usage(message: string): CliError {
  return new CliError('CLI_USAGE', message, 'See `switchyard help compare`.');
}

async function compare(
  context: CommandContext,
  connections: string[],
  options: CompareCommandOptions,
): Promise<void> {
  const { output, signal } = context;
  const { limit, embedder, ftsOnly = false, repeat, warmUp, seed, quick = false } = options;
  const modes = modesOf(options.mode, connections.length);
  const names = connections.map((_, index) => nameOf(index));
  const documents: DocumentStore[] = [];
  for (const connection of connections) documents.push(await openForReading(context, connection));
  const backend = (documents[0] as DocumentStore).backend;
  const { queries: loaded, source } = await loadQueries(context, options, { limit, seed, backend });
  const spec = ftsOnly ? 'none' : embedder;
  const vectors = QueryVectors.choose(context, documents, names, spec);
  try {
    const isDrawn = loaded.some(({ chunkVector }) => chunkVector !== null);
    const useChunks = isDrawn && spec !== 'none';
    const queries = await vectors.complete(loaded, { ftsOnly: spec === 'none', useChunks });
    const stores: ComparedStore[] = [];
    for (const [index, store] of documents.entries()) {
      const { location } = await store.backend.inspect({ signal });
      stores.push({ name: names[index] as string, location, store, mode: modes[index] });
    }
    const reading = output.progress('Reading', 'chunks');
    const searching = output.progress('Comparing', 'searches');
    let comparison: Comparison;
    try {
      comparison = await compareStores(stores, queries, {
        repeat,
        warmUp,
        seed,
        source,
        readStores: !quick,
        signal,
        onProgress: ({ phase, done, total }) => {
          if (phase === 'searching') reading.stop();
          (phase === 'reading' ? reading : searching).update(done, total);
        },
      });
    } finally {
      reading.stop();
      searching.stop();
    }
    const checks = checkThresholds(comparison, thresholdsOf(options));
    await report(context, comparison, checks, options);
    if (options.open === true) {
      const ask = async ({ library, version, text }: { library: string; version: string; text: string }) => {
        const query = { library, version, text, limit, vector: null, chunkVector: null, intent: null };
        const [asked] = await vectors.complete([query], { ftsOnly: spec === 'none', useChunks: false });
        return askStores(stores, asked as (typeof queries)[number], signal);
      };
      await serve(context, comparison, checks, { ask, port: options.port });
    }
    judge(comparison, checks);
  } finally {
    await vectors.close();
  }
}

async function report(
  { output }: CommandContext,
  comparison: Comparison,
  checks: readonly Check[],
  { report: file }: CompareCommandOptions,
): Promise<void> {
  if (file !== undefined) {
    await writeFile(file, renderReport(comparison, { checks })).catch((cause: unknown) => {
      throw new CliError('CLI_FILE', `The report cannot be written: ${file}`, 'Check the path.', cause);
    });
  }
  const { chunks: _texts, ...result } = comparison;
  await output.result({ ...result, checks }, () => formatComparison(comparison, checks, output));
  if (file !== undefined) output.note(`The report is in ${file}.`);
}

async function serve(
  { output, signal }: CommandContext,
  comparison: Comparison,
  checks: readonly Check[],
  options: Pick<Parameters<typeof serveReport>[1], 'ask' | 'port'>,
): Promise<void> {
  const served = await serveReport(comparison, { ...options, checks });
  output.announce(`The report is at ${served.url}; Ctrl-C ends this.`);
  if (output.columns !== null) openInBrowser(served.url);
  // Ctrl-C is how serving is meant to end.
  if (!signal.aborted) await once(signal, 'abort');
  await served.close();
}

/** Failed searches end the command like those of `search --queries`; a missed threshold has an exit code of its own. */
function judge({ stores }: Comparison, checks: readonly Check[]): void {
  const missed = checks.filter(({ passed }) => !passed).length;
  if (missed > 0) throw new AlreadyReported(`${missed} of the thresholds are not met.`, exitCodes.threshold);
  const isChecked = checks.some(({ threshold }) => threshold === 'maxErrors');
  if (!isChecked && stores.some(({ errors }) => errors > 0)) throw new AlreadyReported('Searches failed.');
}

const MODES: readonly SearchMode[] = ['exact', 'diskann'];

function modesOf(text: string | undefined, stores: number): readonly (SearchMode | undefined)[] {
  if (text === undefined) return new Array<undefined>(stores).fill(undefined);
  const modes = text.split(',').map((mode) => {
    const known = MODES.find((one) => one === mode.trim());
    if (known === undefined) throw usage(`--mode must be exact or diskann, not '${mode}'.`);
    return known;
  });
  if (modes.length === 1) return new Array<SearchMode | undefined>(stores).fill(modes[0]);
  if (modes.length === stores) return modes;
  throw usage(`--mode has ${modes.length} modes for ${stores} stores.`);
}

/** `A` to `Z`, then `A2`. */
function nameOf(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : `${letter}${Math.floor(index / 26) + 1}`;
}
