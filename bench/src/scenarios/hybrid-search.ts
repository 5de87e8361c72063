import { type HybridStores, versionName } from '../contenders/hybrid-stores.js';
import { LIBRARY } from '../contenders/stores.js';
import type { Question } from '../corpus/vectors.js';
import { interleave, type Subject } from '../harness/interleave.js';
import { compare, type Measurement } from '../harness/measurement.js';
import { REFERENCES } from '../harness/references.js';
import { mean } from '../harness/stats.js';
import { type Bench, takesPart } from './scenario.js';

const WARM_UP = 4;

/** Input of {@link measureHybridSearches}. */
export interface HybridSearchPlan {
  readonly scenario: string;
  /** Number of chunks in the searched version. */
  readonly n: number;
  readonly dim: number;
  readonly limits: readonly number[];
  /** Number of questions. */
  readonly queries: number;
  /** Number of versions of this size in the store. */
  readonly versions: number;
}

/** Measures hybrid searches in the first version, interleaved, once for each limit. */
export async function measureHybridSearches(
  bench: Bench,
  { stores, others }: HybridStores,
  questions: readonly Question[],
  { scenario, n, dim, limits, queries, versions }: HybridSearchPlan,
): Promise<Measurement[]> {
  const version = versionName(1);
  const measurements: Measurement[] = [];
  for (const limit of limits) {
    const subjects: Subject<Question, readonly number[]>[] = [...stores].map(([name, store]) => ({
      name,
      run: async ({ text, vector }) => {
        const hits = await store.search(LIBRARY, version, text, { vector, limit });
        return hits.map((hit) => Number(hit.id));
      },
    }));
    for (const other of others) {
      subjects.push({
        name: other.name,
        run: ({ text, vector }) => other.search(LIBRARY, version, text, vector, limit),
      });
    }
    const taking = subjects.filter(({ name }) => takesPart(bench.arguments, name));
    const runs = await interleave(taking, questions.slice(0, queries), questions.slice(-WARM_UP));
    const truth = runs[taking.findIndex(({ name }) => name === REFERENCES.hybrid)]?.answers;
    const observations = taking.map(({ name }, at) => {
      const { milliseconds = [], cpuMilliseconds: cpu, answers = [] } = runs[at] ?? {};
      const recall = meanAgreement(truth, answers);
      const other = others.find((one) => one.name === name);
      const parameters = other?.searching ?? 'DocumentStore.search';
      return { contender: name, samples: milliseconds, cpu, recall, extra: { parameters, versions } };
    });
    measurements.push(
      ...compare({ scenario, n, dim, k: limit, unit: 'ms' }, REFERENCES.hybrid, observations),
    );
  }
  return measurements;
}

/** Mean share of the reference's hits that answers have at the same rank; null without a reference. */
export function meanAgreement(
  reference: readonly (readonly number[])[] | undefined,
  answers: readonly (readonly number[])[],
): number | null {
  if (reference === undefined) return null;
  return mean(answers.map((answer, query) => agreement(reference[query] ?? [], answer)));
}

/** Share of the reference's hits that an answer has at the same rank. */
function agreement(reference: readonly number[], answer: readonly number[]): number {
  if (reference.length === 0) return answer.length === 0 ? 1 : 0;
  return reference.filter((id, place) => answer[place] === id).length / reference.length;
}
