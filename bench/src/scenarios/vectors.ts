import { performance } from 'node:perf_hooks';
import { localContenders } from '../contenders/local-contenders.js';
import type { VectorContender, VectorIndexUnderTest } from '../contenders/vector-contender.js';
import type { Question } from '../corpus/vectors.js';
import { findTruths, recallOf, type Truth, type VectorSet } from '../harness/ground-truth.js';
import { interleave } from '../harness/interleave.js';
import { compare, type Measurement } from '../harness/measurement.js';
import { REFERENCES } from '../harness/references.js';
import { mean } from '../harness/stats.js';
import { findPeers } from '../peers/index.js';
import { embeddingsFor } from './embeddings-for.js';
import { type Bench, type Scenario, takesPart } from './scenario.js';

const WARM_UP = 5;

/** Nearest vectors of one version, by our backends, plain SQL and peers, each with its recall. */
export const vectors: Scenario = {
  name: 'vectors',
  description:
    'the k nearest vectors: our backends, plain sqlite-vec, plain libSQL; also installed peers, which take another 15 min',
  inDefaultRun: true,
  minutes: 3,
  async run(bench) {
    const { n, dim, ks, queries } = bench.arguments;
    const contenders = [...localContenders, ...findPeers(bench.progress)];
    return measureVectors(bench, 'vectors', contenders, {
      n: n ?? 20_000,
      dim: dim ?? 768,
      ks: ks ?? [10, 100],
      queries: queries ?? 60,
    });
  },
};

/** Input of {@link measureVectors}. */
export interface VectorPlan {
  readonly n: number;
  readonly dim: number;
  readonly ks: readonly number[];
  readonly queries: number;
}

interface Entrant {
  readonly contender: VectorContender;
  readonly index: VectorIndexUnderTest;
  readonly buildMs: number;
}

export async function measureVectors(
  bench: Bench,
  scenario: string,
  contenders: readonly VectorContender[],
  { n, dim, ks, queries }: VectorPlan,
): Promise<Measurement[]> {
  const { progress } = bench;
  const { set, questions, embedded } = await embeddingsFor(bench, { n, dim });
  const asked = questions.slice(0, queries);
  progress.say(`${scenario}: ${n.toLocaleString('en')} vectors of ${dim}, ${asked.length} queries`);
  const entrants = await buildAll(bench, contenders, set);
  const measurements: Measurement[] = [];
  try {
    const truths = findTruths(set, asked, Math.max(...ks), progress);
    for (const k of ks) {
      const subjects = entrants.map(({ contender, index }) => ({
        name: contender.name,
        run: ({ vector }: Question) => index.search(vector, k),
      }));
      const runs = await interleave(subjects, asked, questions.slice(-WARM_UP));
      const observations = entrants.map(({ contender, buildMs }, at) => {
        const { milliseconds = [], cpuMilliseconds: cpu, answers = [] } = runs[at] ?? {};
        const recalls = answers.map((answer, query) => recallOf(truths[query] as Truth, answer, k));
        const extra = {
          parameters: contender.parameters,
          buildMs: Math.round(buildMs),
          recallWorst: Math.min(...recalls),
          embedded,
        };
        return { contender: contender.name, samples: milliseconds, cpu, recall: mean(recalls), extra };
      });
      measurements.push(...compare({ scenario, n, dim, k, unit: 'ms' }, REFERENCES.vectors, observations));
    }
  } finally {
    for (const { index } of entrants) await index.close();
  }
  return measurements;
}

async function buildAll(
  bench: Bench,
  contenders: readonly VectorContender[],
  set: VectorSet,
): Promise<Entrant[]> {
  const { progress, workspace } = bench;
  const entrants: Entrant[] = [];
  for (const contender of contenders) {
    const { name, sensibleUpTo = Number.POSITIVE_INFINITY } = contender;
    if (!takesPart(bench.arguments, name)) continue;
    if (set.count > sensibleUpTo && bench.arguments.contenders === null) {
      progress.say(
        `  ${name}: skipped above ${sensibleUpTo.toLocaleString('en')}; --contenders ${name} includes it`,
      );
      continue;
    }
    const start = performance.now();
    try {
      const index = await contender.build(set, { workspace, progress });
      const buildMs = performance.now() - start;
      progress.say(`  ${name} (${contender.parameters}): built in ${(buildMs / 1000).toFixed(1)} s`);
      entrants.push({ contender, index, buildMs });
    } catch (error) {
      if (contender.peer !== true) throw error;
      progress.say(`  ${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return entrants;
}
