import { SENSIBLE_UP_TO } from '../contenders/stores.js';
import type { VectorIndexUnderTest } from '../contenders/vector-contender.js';
import {
  fillVectorFile,
  openVectorFile,
  type VectorFileName,
  vectorFileNames,
} from '../contenders/vector-files.js';
import type { Question } from '../corpus/vectors.js';
import { findTruth, recallOf, type Truth } from '../harness/ground-truth.js';
import { interleave } from '../harness/interleave.js';
import { compare, type Measurement } from '../harness/measurement.js';
import { REFERENCES } from '../harness/references.js';
import { mean } from '../harness/stats.js';
import { embeddingsFor } from './embeddings-for.js';
import { type Bench, type Scenario, standards, takesPart } from './scenario.js';

/** Time from opening a file to the first answer. */
export const cold: Scenario = {
  name: 'cold',
  description: 'opening a store and the first vector search in it, with the file in the page cache',
  inDefaultRun: true,
  minutes: 2,
  run: (bench) => measureCold(bench),
};

async function measureCold(bench: Bench): Promise<Measurement[]> {
  const { progress, workspace } = bench;
  const { n, dim, limits, queries } = standards(bench.arguments, { limits: [10], queries: 15 });
  const [k = 10] = limits;
  const { set, questions } = await embeddingsFor(bench, { n, dim });
  progress.say(`cold: ${n.toLocaleString('en')} vectors of ${dim}, opened ${queries} times`);
  const asked = questions.slice(0, queries);
  const truths = asked.map(({ vector }) => findTruth(set, vector, k));
  const places = new Map<VectorFileName, string>();
  for (const name of vectorFileNames) {
    const { [name]: largest = n } = SENSIBLE_UP_TO;
    const tooLarge = n > largest && bench.arguments.contenders === null;
    if (!takesPart(bench.arguments, name) || tooLarge) continue;
    places.set(name, await fillVectorFile(name, set, { workspace, progress }));
  }
  const subjects = [...places].map(([name, place]) => {
    let opened: VectorIndexUnderTest | undefined;
    return {
      name,
      run: async ({ vector }: Question) => {
        opened = await openVectorFile(name, place);
        return opened.search(vector, k);
      },
      tidy: () => opened?.close(),
    };
  });
  const runs = await interleave(subjects, asked, questions.slice(-2));
  const observations = subjects.map(({ name }, at) => {
    const { milliseconds = [], cpuMilliseconds: cpu, answers = [] } = runs[at] ?? {};
    const recall = mean(answers.map((answer, query) => recallOf(truths[query] as Truth, answer, k)));
    return { contender: name, samples: milliseconds, cpu, recall, extra: { parameters: 'open and search' } };
  });
  return compare({ scenario: 'cold', n, dim, k, unit: 'ms' }, REFERENCES.vectors, observations);
}
