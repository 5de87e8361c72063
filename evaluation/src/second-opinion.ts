import {
  compareQuality,
  type Dataset,
  evaluateRun,
  type QueryAnswer,
  toQrels,
  toRun,
} from '@switchyard/search-evaluation';
import type { DocumentStore } from '@switchyard/storage-core';
import { readIndependentJudgments } from './judging/judgments.js';
import { type Measured, measure } from './measure.js';

/**
 * Prints the gain of the preset `tuned` with the grades of the data set and with those of the second judge. A conclusion
 * that only one of them supports would be about the judge, not about search.
 */
export async function printSecondOpinion(
  store: DocumentStore,
  results: ReadonlyMap<Dataset, Measured>,
): Promise<void> {
  console.log('| nDCG@10 | judge | default | tuned | gain (p) |');
  console.log('|---|---|---:|---:|---:|');
  for (const [dataset, { answers }] of results) {
    const tuned = await measure(store, dataset, { fusion: 'tuned' });
    const judges = [
      ['data set', dataset],
      ['second', asJudgedIndependently(dataset)],
    ] as const;
    for (const [judge, judged] of judges) {
      const [before, after] = [scoresOf(answers, judged), scoresOf(tuned.answers, judged)];
      const { loss, pValue } = compareQuality(before, after, { resamples: 20_000 });
      const gain = `${loss > 0 ? '−' : '+'}${Math.abs(loss).toFixed(3)} (${pValue.toFixed(3)})`;
      console.log(
        `| ${[dataset.name, judge, mean(before).toFixed(3), mean(after).toFixed(3), gain].join(' | ')} |`,
      );
    }
  }
  console.log('');
}

/** Replaces the grades of a data set of questions by those of the second judge. */
export function asJudgedIndependently(dataset: Dataset): Dataset {
  const { judgments } = readIndependentJudgments();
  const queries = dataset.queries.map((query) => {
    const relevant = judgments.filter(({ question, grade }) => question === query.id && grade > 0);
    const toUrl = (page: string) => `npm:${query.library}@${query.version}/${page}`;
    return { ...query, judgments: new Map(relevant.map(({ page, grade }) => [toUrl(page), grade])) };
  });
  return { ...dataset, queries };
}

function scoresOf(answers: readonly QueryAnswer[], dataset: Dataset): number[] {
  const { queries } = evaluateRun(toRun(answers), toQrels(dataset));
  return dataset.queries.map(({ id }) => queries.get(id)?.ndcg_at_10 ?? 0);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
