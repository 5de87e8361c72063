import {
  addVersion,
  closeHybridStores,
  createHybridFiles,
  openHybridStores,
  versionName,
} from '../contenders/hybrid-stores.js';
import { LIBRARY } from '../contenders/stores.js';
import type { Question } from '../corpus/vectors.js';
import { interleave, type Subject } from '../harness/interleave.js';
import { compare, type Measurement } from '../harness/measurement.js';
import { REFERENCES } from '../harness/references.js';
import { makeDocumentation } from './documentation.js';
import { meanAgreement } from './hybrid-search.js';
import { type Bench, type Scenario, standards, takesPart } from './scenario.js';

const SIZES = [500, 2_000, 5_000, 20_000];
/** Searches before the first measured one, so that the code is compiled. */
const WARM_UP = 8;

/**
 * Hybrid searches by the size of the version: questions that were never asked before in this process, and the same
 * questions asked again.
 */
export const small: Scenario = {
  name: 'small',
  description: 'hybrid search in versions of 500 to 20,000 chunks: new questions, and the same again',
  inDefaultRun: false,
  minutes: 3,
  run: async (bench) => {
    const sizes = bench.arguments.n === null ? SIZES : [bench.arguments.n];
    const measurements: Measurement[] = [];
    for (const n of sizes) measurements.push(...(await measureSize(bench, n)));
    return measurements;
  },
};

async function measureSize(bench: Bench, n: number): Promise<Measurement[]> {
  const { dim, limits, queries } = standards(bench.arguments, { limits: [10], queries: 60 });
  const documentation = await makeDocumentation(bench, { n, dim });
  const stores = await openHybridStores(await createHybridFiles(bench.workspace, dim));
  try {
    await addVersion(stores, documentation, 1, bench.progress);
    const questions = documentation.questions.slice(0, queries);
    const warmUp = documentation.questions.slice(-WARM_UP);
    const measurements: Measurement[] = [];
    for (const limit of limits) {
      const subjects = [...stores.stores]
        .filter(([name]) => takesPart(bench.arguments, name))
        .map(
          ([name, store]): Subject<Question, readonly number[]> => ({
            name,
            run: async ({ text, vector }) => {
              const hits = await store.search(LIBRARY, versionName(1), text, { vector, limit });
              return hits.map((hit) => Number(hit.id));
            },
          }),
        );
      for (const parameters of ['new questions', 'the same again']) {
        const runs = await interleave(subjects, questions, warmUp);
        const truth = runs[subjects.findIndex(({ name }) => name === REFERENCES.hybrid)]?.answers;
        const observations = subjects.map(({ name }, at) => ({
          contender: name,
          samples: runs[at]?.milliseconds ?? [],
          cpu: runs[at]?.cpuMilliseconds ?? [],
          recall: meanAgreement(truth, runs[at]?.answers ?? []),
          extra: { parameters, versions: 1 },
        }));
        measurements.push(
          ...compare({ scenario: 'small', n, dim, k: limit, unit: 'ms' }, REFERENCES.hybrid, observations),
        );
      }
    }
    return measurements;
  } finally {
    await closeHybridStores(stores);
  }
}
