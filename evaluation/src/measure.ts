import {
  type Dataset,
  differingAnswers,
  evaluateRun,
  type Measures,
  type QueryAnswer,
  searchQueries,
  summarize,
  summaryNames,
  toQrels,
  toRun,
} from '@switchyard/search-evaluation';
import type { DocumentStore } from '@switchyard/storage-core';

/** Answers of a store to a data set, measured. */
export interface Measured {
  readonly answers: readonly QueryAnswer[];
  readonly queries: ReadonlyMap<string, Measures>;
  readonly mean: Measures;
}

/** Searches a store for a data set and measures the answers. */
export async function measure(
  store: DocumentStore,
  dataset: Dataset,
  search: object = {},
): Promise<Measured> {
  const answers = await searchQueries(store, dataset.queries, { search });
  return { answers, ...evaluateRun(toRun(answers), toQrels(dataset)) };
}

/** Prints the summary of a data set as a table of Markdown. */
export function printSummary(dataset: Dataset, { queries }: Measured): void {
  const summary = summarize(dataset, queries);
  const row = (name: string, group: Pick<typeof summary, 'queries' | 'ir'>) =>
    `| ${[name, group.queries, ...summaryNames.map((measure) => group.ir[measure].toFixed(3))].join(' | ')} |`;
  console.log(`| ${dataset.name} | queries | ${summaryNames.join(' | ')} |`);
  console.log(`|---${'|---:'.repeat(summaryNames.length + 1)}|`);
  console.log(row('all', summary));
  for (const [name, group] of Object.entries(summary.intents)) console.log(row(name, group));
  for (const [name, group] of Object.entries(summary.libraries)) console.log(row(name, group));
  console.log('');
}

/** Requires the same chunks at the same ranks, and prints the first differences. @returns Number of differing queries. */
export function requireIdentity(name: string, a: Measured, b: Measured): number {
  const differing = differingAnswers(a.answers, b.answers);
  console.log(
    `${name}: ${a.answers.length - differing.length} of ${a.answers.length} rankings identical on both backends`,
  );
  for (const { id, rank, a: left, b: right } of differing.slice(0, 5)) {
    console.log(`  ${id}, rank ${rank}: ${left ?? 'nothing'} | ${right ?? 'nothing'}`);
  }
  return differing.length;
}
