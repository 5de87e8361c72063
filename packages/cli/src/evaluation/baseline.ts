import {
  compareQuality,
  type Dataset,
  evaluateRun,
  type Measures,
  type RankedDocument,
  type Run,
  readRun,
  toQrels,
} from '@switchyard/search-evaluation';
import { CliError } from '../cli-error.js';
import type { Output } from '../output/output.js';
import { count } from '../output/plain-text.js';
import { reading, readTextFile } from './read-files.js';
import { type EvaluationResult, RESULT_FORMAT } from './result.js';

/** Measure that the gate compares. */
export const GATE_MEASURE = 'ndcg_at_10' satisfies keyof Measures;

/** Result that the gate compares with. */
export interface Baseline {
  readonly file: string;
  readonly run: Run;
}

/**
 * Reads a baseline: the result of an earlier `evaluate --json` or `--output`, or a TREC run. Rankings are scored again, so
 * that both sides are measured by the same judgments.
 *
 * @throws CliError when it was measured with another limit or lacks queries.
 */
export async function readBaseline(
  file: string,
  dataset: Dataset,
  limit: number,
  output: Output,
): Promise<Baseline> {
  const { text } = await readTextFile(file, 'The baseline');
  const isJson = text.trimStart().startsWith('{');
  const run = isJson ? readResult(text, file, limit) : reading(() => readRun(text, file));
  const lacking = dataset.queries.filter(({ id }) => !run.has(id)).length;
  if (lacking === dataset.queries.length || (isJson && lacking > 0)) {
    const of = count(dataset.queries.length, 'query').replace('querys', 'queries');
    throw invalid(file, `It lacks ${lacking} of the ${of} of the data set.`);
  }
  if (lacking > 0) output.note(`${file} has no results for ${lacking} of the queries: they count as 0.`);
  return { file, run };
}

/** Compares a result with its baseline. */
export function compareWithBaseline(
  result: EvaluationResult,
  { file, run }: Baseline,
  dataset: Dataset,
  options: { readonly margin: number; readonly seed: number },
): NonNullable<EvaluationResult['gate']> {
  const before = evaluateRun(run, toQrels(dataset)).queries;
  const scores = (measures: (id: string) => Measures) =>
    result.results.map(({ id }) => measures(id)[GATE_MEASURE]);
  const now = new Map(result.results.map(({ id, measures }) => [id, measures]));
  const comparison = compareQuality(
    scores((id) => before.get(id) as Measures),
    scores((id) => now.get(id) as Measures),
    options,
  );
  return { measure: GATE_MEASURE, file, ...comparison };
}

function readResult(text: string, file: string, limit: number): Run {
  const result = parse(text, file);
  if (result.format !== RESULT_FORMAT) throw invalid(file, 'It is not a result of `switchyard evaluate`.');
  if (result.limit !== limit) {
    const message = `${file} was measured with ${result.limit} chunks per search, not ${limit}: a limit changes ranks.`;
    throw new CliError('CLI_USAGE', message, `Give --limit ${result.limit}, or measure the baseline again.`);
  }
  if (!Array.isArray(result.results)) throw invalid(file, 'It has no results.');
  return new Map(result.results.map((item) => toRanking(item, file)));
}

function toRanking(item: unknown, file: string): [string, RankedDocument[]] {
  const { id, pages } = (item ?? {}) as { readonly id?: unknown; readonly pages?: unknown };
  if (typeof id !== 'string' || !Array.isArray(pages))
    throw invalid(file, 'A result has no "id" or "pages".');
  const ranking = pages.map((page: unknown) => {
    const { document, score } = (page ?? {}) as Partial<RankedDocument>;
    if (typeof document !== 'string' || typeof score !== 'number') {
      throw invalid(file, `A page of the result '${id}' has no "document" or "score".`);
    }
    return { document, score };
  });
  if (new Set(ranking.map(({ document }) => document)).size !== ranking.length) {
    throw invalid(file, `The result '${id}' ranks a page twice.`);
  }
  return [id, ranking];
}

function parse(text: string, file: string): Partial<EvaluationResult> {
  try {
    return JSON.parse(text) as Partial<EvaluationResult>;
  } catch (cause) {
    throw invalid(file, 'It is neither JSON nor a TREC run.', cause);
  }
}

function invalid(file: string, problem: string, cause?: unknown): CliError {
  const action = 'Give a file of `switchyard evaluate --output` or a TREC run of the same data set.';
  return new CliError('CLI_DATASET_INVALID', `${file} is no baseline. ${problem}`, action, cause);
}
