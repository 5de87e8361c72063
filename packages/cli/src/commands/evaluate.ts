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
import { type Embedder, type FusionPreset, StorageError } from '@switchyard/storage-core';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type LibraryArgument, parseLibraryArgument } from '../arguments/library-ref.js';
import { wholeNumber } from '../arguments/numbers.js';
import { AlreadyReported, CliError } from '../cli-error.js';
import { type CommandContext, openForReading } from '../command-context.js';
import { chooseForSearch, closeEmbedder, embedderHelp } from '../embedding/choose-embedder.js';
import { answerDataset } from '../evaluation/answer.js';
import { compareWithBaseline, readBaseline } from '../evaluation/baseline.js';
import { formatResult } from '../evaluation/format-result.js';
import { reading, readTextFile } from '../evaluation/read-files.js';
import { type EvaluationResult, toResult } from '../evaluation/result.js';
import { exitCodes } from '../exit-codes.js';

interface Options {
  readonly dataset: string;
  readonly qrels?: string;
  readonly library?: LibraryArgument;
  readonly limit: number;
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

/** `switchyard evaluate STORE --dataset FILE` */
export function addEvaluateCommand(program: Command, context: CommandContext): void {
  program
    .command('evaluate')
    .summary('measure search quality on judged queries')
    .description(
      'Searches a store for every query of a data set and measures the rankings of pages against its judgments. ' +
        'Compares them with a baseline, or with the rankings of another store, when asked to.',
    )
    .argument('<store>', 'connection string of an existing store')
    .requiredOption('--dataset <file>', 'judged queries: YAML, JSON Lines, or TREC topics')
    .option('--qrels <file>', 'TREC judgments, for TREC topics')
    .option('--library <library>', 'where TREC topics are searched, LIBRARY[@VERSION]', parseLibraryArgument)
    .option(
      '-n, --limit <number>',
      'chunks per search; ranks depend on it, so compare only results of one limit',
      wholeNumber(1, 10_000),
      DEFAULT_LIMIT,
    )
    .option(
      '--embedder <spec>',
      `what makes the vectors of queries: ${embedderHelp}. Default: by the store's model`,
    )
    .option('--fts-only', 'full-text search only, without an embedder')
    .addOption(
      new Option('--fusion <preset>', 'how vector and full-text ranks are combined').choices(['tuned']),
    )
    .option('--baseline <file>', 'compare with an earlier result or a TREC run: pass, fail or inconclusive')
    .option('--margin <number>', 'largest loss of nDCG@10 that passes', decimal, 0.02)
    .option('--seed <number>', 'seed of the randomization test', wholeNumber(0, 2 ** 31 - 1), 1)
    .option('--identical-to <store>', 'require the same chunks at the same ranks as in another store')
    .option('--output <file>', 'write the result as JSON, for --baseline')
    .option('--run <file>', 'write the rankings as a TREC run')
    .option('--write-qrels <file>', 'write the judgments in the format of TREC')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', help)
    .action((store: string, options: Options) => evaluate(context, store, options));
}

const help = `
A data set is a list of entries, at the top of a YAML file or below "entries", each with its fields in "vars" or
directly; in JSON Lines, one entry a line:
  entries:
    - vars:
        library: pino
        version: "10"            # optional; chosen as by search
        query: hide passwords
        intent: api              # optional
        qrels: [{ url: "npm:pino@10.4.0/docs/redaction.md", grade: 3 }]
Grades are 1 to 3; pages without one count as not relevant. Chunks of a page count once, at the best rank.

Exit codes: 0 done or passed, 3 failed or not identical, 4 inconclusive.

Examples:
  $ switchyard evaluate file:docs.db --dataset questions.yaml --output before.json
  $ switchyard evaluate file:docs.db --dataset questions.yaml --baseline before.json
  $ switchyard evaluate file:new.db --dataset questions.yaml --identical-to sqlite-vec:old.db`;

async function evaluate(context: CommandContext, store: string, options: Options): Promise<void> {
  const { output, signal, env } = context;
  const { limit, embedder: spec, ftsOnly, fusion, margin, seed } = options;
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
    ftsOnly === true ? { embedder: null, note: null } : chooseForSearch(spec, documents.profile, env);
  if (note !== null) output.note(note);
  const embed = embedder === null ? null : embedOnce(embedder, signal);
  try {
    const { answers, missing } = await answerDataset({ context, documents, dataset, limit, embed, fusion });
    const model = embedder === null ? null : (documents.profile?.model ?? embedder.model);
    let result = toResult({ dataset, answers, limit, model, missing });
    if (options.identicalTo !== undefined) {
      const other = await openForReading(context, options.identicalTo);
      const there = await answerDataset({ context, documents: other, dataset, limit, embed, fusion });
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

async function openDataset({ dataset: file, qrels: qrelsFile, library }: Options): Promise<Dataset> {
  const text = await readTextFile(file, 'The data set');
  const qrels = qrelsFile === undefined ? undefined : await readTextFile(qrelsFile, 'The file of judgments');
  return reading(() => readDataset(text, { qrels, library: library?.library, version: library?.version }));
}

/** Both stores of a comparison are searched with the very same vectors. */
function embedOnce(embedder: Embedder, signal: AbortSignal): (text: string) => Promise<Float32Array> {
  const known = new Map<string, Float32Array>();
  return async (text) => {
    const [vector] = known.has(text) ? [known.get(text)] : await embedder.embed([text], { signal });
    if (vector === undefined) {
      throw new StorageError(
        'STORAGE_EMBEDDING_FAILED',
        `The embedder ${embedder.model} returned no vector.`,
      );
    }
    known.set(text, vector);
    return vector;
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

function decimal(text: string): number {
  const number = /^(?:\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : Number.NaN;
  if (!(number > 0 && number <= 1)) throw new InvalidArgumentError('It must be a number above 0, at most 1.');
  return number;
}
