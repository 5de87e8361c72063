import { compareQuality, measureRanking } from '@switchyard/search-evaluation';
import { rankPages, type Variant } from './fuse.js';
import type { CandidateLists } from './lists.js';

/** Lists of all queries, by name of the data set. */
export type ListsByDataset = ReadonlyMap<string, readonly CandidateLists[]>;

/** Scores of a variant, query by query, by name of the data set. */
export type Scores = ReadonlyMap<string, readonly number[]>;

/** Computes nDCG@10 of every query. */
export function scoresOf(lists: ListsByDataset, variant: Variant): Scores {
  return new Map(
    [...lists].map(([name, all]) => [
      name,
      all.map((one) => measureRanking(rankPages(one, variant), one.query.judgments).ndcg_at_10),
    ]),
  );
}

/** Prints a table: nDCG@10 of each variant on every data set, and its gain over the first one on each half. */
export function printTable(title: string, rows: readonly (readonly [string, Scores])[]): void {
  const [, baseline] = rows[0] as readonly [string, Scores];
  const names = [...baseline.keys()];
  console.log(`### ${title}\n`);
  console.log(`| nDCG@10 | ${names.join(' | ')} | tune: gain (p) | test: gain (p), gate |`);
  console.log(`|---|${'---:|'.repeat(names.length + 2)}`);
  for (const [name, scores] of rows) {
    const cells = names.map((dataset) => mean(scores.get(dataset) ?? []).toFixed(3));
    const halves = ['tune', 'test'].map((half) => {
      const pick = (from: Scores) =>
        names.filter((one) => one.endsWith(half)).flatMap((one) => from.get(one) ?? []);
      const { loss, pValue, outcome } = compareQuality(pick(baseline), pick(scores), { resamples: 20_000 });
      const gain = `${loss > 0 ? '−' : '+'}${Math.abs(loss).toFixed(4)} (${pValue.toFixed(3)})`;
      return half === 'tune' ? gain : `${gain}, ${outcome}`;
    });
    console.log(`| ${[name, ...cells, ...halves].join(' | ')} |`);
  }
  console.log('');
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
