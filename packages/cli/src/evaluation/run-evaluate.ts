import { writeFile } from 'node:fs/promises';
import {
  type Dataset,
  DEFAULT_LIMIT,
  differingAnswers,
  readDataset,
  toRun,
  writeQrels,
  writeRun,
} from '@switchyard/search-evaluation';
import {
  type DocumentStore,
  type Embedder,
  embedQuery,
  type FusionPreset,
  fitVector,
} from '@switchyard/storage-core';
import type { LibraryArgument } from '../arguments/library-ref.js';
import { AlreadyReported, CliError } from '../cli-error.js';
import { type CommandContext, openForReading } from '../command-context.js';
import { chooseForSearch, closeEmbedder } from '../embedding/choose-embedder.js';
import { exitCodes } from '../exit-codes.js';
import { answerDataset } from './answer.js';
import { compareWithBaseline, readBaseline } from './baseline.js';
import { formatResult } from './format-result.js';
import { reading, readTextFile } from './read-files.js';
import { type EvaluationResult, toResult } from './result.js';

/** Options of `switchyard evaluate`. */
export interface EvaluateOptions {
  readonly dataset: string;
  readonly qrels?: string;
  readonly library?: LibraryArgument;
  readonly limit?: number;
  readonly embedder?: string;
  readonly ftsOnly?: boolean;
  readonly fusion?: FusionPreset;
  readonly identicalTo?: string;
  readonly baseline?: string;
  readonly margin: number;
  readonly seed: number;
  readonly output?: string;
  readonly run?: string;
  readonly writeQrels?: string;
}

/** Runs `switchyard evaluate`. Imported when the command runs: the parsers of data sets take long to load. */
export async function runEvaluate(
  context: CommandContext,
  store: string,
  options: EvaluateOptions,
): Promise<void> {
  const { output, signal, env } = context;
  const { limit = DEFAULT_LIMIT, embedder: spec, ftsOnly, fusion, margin, seed } = options;
  if (ftsOnly === true && spec !== undefined) {
    throw new CliError(
      'CLI_USAGE',
      '--fts-only and --embedder exclude each other.',
      'See `switchyard help evaluate`.',
    );
  }
  const dataset = await openDataset(options);
  const baseline =
    options.baseline === undefined ? null : await readBaseline(options.baseline, dataset, limit, output);
  const documents = await openForReading(context, store);
  const { embedder, note } =
    ftsOnly === true
      ? { embedder: null, note: null }
      : chooseForSearch(spec, documents.profile, env, await context.settings.value('embedder'));
  if (note !== null) output.note(note);
  const embedFor = embedder === null ? () => null : embedOnce(embedder, signal);
  const answer = (searched: DocumentStore) =>
    answerDataset({ context, documents: searched, dataset, limit, embed: embedFor(searched), fusion });
  try {
    const { answers, missing } = await answer(documents);
    const model = embedder === null ? null : (documents.profile?.model ?? embedder.model);
    let result = toResult({ dataset, answers, limit, model, missing });
    if (options.identicalTo !== undefined) {
      const other = await openForReading(context, options.identicalTo);
      const there = await answer(other);
      const differing = differingAnswers(answers, there.answers);
      result = { ...result, identity: { store: output.redact(options.identicalTo), differing } };
    }
    if (baseline !== null) {
      result = { ...result, gate: compareWithBaseline(result, baseline, dataset, { margin, seed }) };
    }
    if (options.run !== undefined) await write(options.run, writeRun(toRun(answers), 'switchyard'));
    if (options.writeQrels !== undefined) await write(options.writeQrels, writeQrels(dataset.queries));
    if (options.output !== undefined) await write(options.output, `${JSON.stringify(result)}\n`);
    await output.result(result, () => formatResult(result, output));
    endWith(result);
  } finally {
    await closeEmbedder(embedder);
  }
}

async function openDataset({ dataset: file, qrels: qrelsFile, library }: EvaluateOptions): Promise<Dataset> {
  const text = await readTextFile(file, 'The data set');
  const qrels = qrelsFile === undefined ? undefined : await readTextFile(qrelsFile, 'The file of judgments');
  return reading(() => readDataset(text, { qrels, library: library?.library, version: library?.version }));
}

/** Both stores of a comparison are searched with the very same vectors, each in its own dimension. */
function embedOnce(embedder: Embedder, signal: AbortSignal) {
  const known = new Map<string, Float32Array>();
  return ({ profile }: DocumentStore) =>
    async (text: string): Promise<Float32Array> => {
      const vector = known.get(text) ?? (await embedQuery(embedder, text, { signal }));
      known.set(text, vector);
      return profile === null ? vector : fitVector(vector, profile.dimension, { embedder });
    };
}

async function write(file: string, text: string): Promise<void> {
  await writeFile(file, text).catch((cause: unknown) => {
    throw new CliError('CLI_FILE', `The file cannot be written: ${file}`, 'Check the path.', cause);
  });
}

/** Ends the command with the exit code of the gates; the worst counts. */
function endWith({ identity, gate }: EvaluationResult): void {
  const isDifferent = identity !== undefined && identity.differing.length > 0;
  if (isDifferent || gate?.outcome === 'fail') {
    throw new AlreadyReported('The results do not pass.', exitCodes.threshold);
  }
  if (gate?.outcome === 'inconclusive') throw new AlreadyReported('Too few queries.', exitCodes.inconclusive);
}
