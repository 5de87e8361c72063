import type { Dataset, JudgedQuery } from '../dataset/types.js';
import { meanOf } from './evaluate-run.js';
import type { Measures } from './measures.js';

/** Names of the measures in a summary. */
export const summaryNames = [
  'mrr',
  'recall_at_3',
  'recall_at_5',
  'recall_at_10',
  'ndcg_at_5',
  'ndcg_at_10',
  'hit_at_1',
  'hit_at_3',
  'hit_at_5',
] as const satisfies readonly (keyof Measures)[];

/** Averages of a group of queries. */
export interface GroupSummary {
  /** Number of queries. */
  readonly queries: number;
  /** Averages over all of them. */
  readonly ir: Pick<Measures, (typeof summaryNames)[number]>;
}

/** Averages of a data set, and of its parts. */
export interface Summary extends GroupSummary {
  /** Name of the data set. */
  readonly dataset: string;
  /** By intent, in alphabetical order; queries without an intent are left out. */
  readonly intents: Readonly<Record<string, GroupSummary>>;
  /** By library, in alphabetical order. */
  readonly libraries: Readonly<Record<string, GroupSummary>>;
}

/** Averages the measures of a data set's queries; a query that is not among them counts as 0. */
export function summarize(dataset: Dataset, measures: ReadonlyMap<string, Measures>): Summary {
  const group = (queries: readonly JudgedQuery[]): GroupSummary => {
    const zero = meanOf([]);
    const mean = meanOf(queries.map(({ id }) => measures.get(id) ?? zero));
    const ir = Object.fromEntries(summaryNames.map((name) => [name, mean[name]])) as GroupSummary['ir'];
    return { queries: queries.length, ir };
  };
  const groups = (key: (query: JudgedQuery) => string | null) => {
    const byKey = new Map<string, JudgedQuery[]>();
    for (const query of dataset.queries) {
      const name = key(query);
      if (name !== null) byKey.set(name, [...(byKey.get(name) ?? []), query]);
    }
    return Object.fromEntries(
      [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, list]) => [name, group(list)]),
    );
  };
  return {
    dataset: dataset.name,
    ...group(dataset.queries),
    intents: groups(({ intent }) => intent),
    libraries: groups(({ library }) => library.toLowerCase()),
  };
}
