import { copyFileSync } from 'node:fs';
import type { DocumentStore } from '@switchyard/storage-core';
import { AppSqlStore } from '../contenders/app-sql.js';
import {
  connectionString,
  createStore,
  fillStore,
  LIBRARY,
  openStore,
  storeNames,
} from '../contenders/stores.js';
import { countChunks } from '../corpus/types.js';
import { makeEmbeddings, type Question } from '../corpus/vectors.js';
import { interleave, type Subject } from '../harness/interleave.js';
import { compare, type Measurement } from '../harness/measurement.js';
import { mean } from '../harness/stats.js';
import { type Bench, type Scenario, takesPart } from './scenario.js';
import { measureSizes } from './size.js';
import { measureWrites } from './write.js';

const WARM_UP = 4;

/** Both backends and today's SQL on the same documentation: searching, writing pages, bytes a chunk. */
export const hybrid: Scenario = {
  name: 'hybrid',
  description:
    'whole hybrid search on real text, writing of pages, size: libsql, legacy, and the SQL of today',
  inDefaultRun: true,
  minutes: 3,
  async run(bench) {
    const { n, dim, ks, queries, versions } = bench.arguments;
    return measureHybrid(bench, {
      n: n ?? 20_000,
      dim: dim ?? 768,
      limits: ks ?? [5, 10],
      queries: queries ?? 40,
      versions: versions ?? 1,
    });
  },
};

/** What {@link measureHybrid} measures. */
export interface HybridPlan {
  /** Chunks in the version that is searched. */
  readonly n: number;
  readonly dim: number;
  readonly limits: readonly number[];
  readonly queries: number;
  /** Versions of that size in the store. */
  readonly versions: number;
}

/** Stores with the same contents under the same ids. */
export interface HybridStores {
  readonly files: Readonly<Record<'legacy' | 'libsql' | 'app-sql', string>>;
}

export const FIRST_VERSION = '1.0.0';

async function measureHybrid(bench: Bench, plan: HybridPlan): Promise<Measurement[]> {
  const { questions, files, tail, vectors } = await fillHybridStores(bench, plan);
  const stores = new Map<string, DocumentStore>();
  for (const name of storeNames) stores.set(name, await openStore(connectionString(name, files[name])));
  const app = new AppSqlStore(files['app-sql']);
  try {
    const measurements = await measureSearches(bench, plan, stores, app, questions);
    measurements.push(...(await measureWrites(bench, plan, { stores, app, pages: tail, vectors })));
    return measurements.concat(await closeAndMeasureSizes(stores, app, files, plan));
  } finally {
    for (const store of stores.values()) await store.close();
    app.close();
    for (const file of Object.values(files)) bench.workspace.discard(file);
  }
}

/** Fills both stores with the same pages, vectors and ids, and gives today's SQL a copy of the legacy file. */
export async function fillHybridStores(
  bench: Bench,
  { n, dim, versions }: Omit<HybridPlan, 'limits' | 'queries'>,
) {
  const { progress, workspace } = bench;
  const corpus = await bench.corpus();
  const { set, questions } = await makeEmbeddings(corpus, { count: n, dim }, progress);
  const pages = corpus.take(n);
  const real = Math.min(n, corpus.size);
  progress.say(
    `${n.toLocaleString('en')} chunks × ${dim} on ${pages.length} pages, ${real.toLocaleString('en')} of them real text, in ${versions} version(s)`,
  );
  const files = {
    legacy: workspace.path('legacy.db'),
    libsql: workspace.path('libsql.db'),
    'app-sql': workspace.path('app-sql.db'),
  };
  for (const name of storeNames) {
    // Both Euclidean, as legacy stores are, so that both rank alike.
    const store = await createStore(connectionString(name, files[name]), dim, 'l2');
    for (let version = 1; version <= versions; version++) {
      const contents = { pages, vectors: set, version: `${version}.0.0`, firstId: 1 + (version - 1) * n };
      await fillStore(store, contents, `pages written to ${name}, version ${version}`, progress);
    }
    await store.close();
  }
  copyFileSync(files.legacy, files['app-sql']);
  return { files, questions, vectors: set, tail: corpus.takeFull(120, n), chunks: countChunks(pages) };
}

async function measureSearches(
  bench: Bench,
  { n, dim, limits, queries, versions }: HybridPlan,
  stores: ReadonlyMap<string, DocumentStore>,
  app: AppSqlStore,
  questions: readonly Question[],
): Promise<Measurement[]> {
  const asked = questions.slice(0, queries);
  const measurements: Measurement[] = [];
  for (const limit of limits) {
    const subjects: Subject<Question, readonly number[]>[] = [...stores].map(([name, store]) => ({
      name,
      run: async ({ text, vector }) => {
        const hits = await store.search(LIBRARY, FIRST_VERSION, text, { vector, limit });
        return hits.map((hit) => Number(hit.id));
      },
    }));
    subjects.push({
      name: 'app-sql',
      run: ({ text, vector }) => app.search(LIBRARY, FIRST_VERSION, text, vector, limit),
    });
    const taking = subjects.filter(({ name }) => takesPart(bench.arguments, name));
    const runs = await interleave(taking, asked, questions.slice(-WARM_UP));
    const truth = runs[taking.findIndex(({ name }) => name === 'legacy')]?.answers;
    const observations = taking.map(({ name }, at) => {
      const { milliseconds = [], answers = [] } = runs[at] ?? {};
      const recall =
        truth === undefined
          ? null
          : mean(answers.map((answer, query) => overlap(truth[query] ?? [], answer)));
      const parameters =
        name === 'app-sql' ? 'one statement, vector part materialised' : 'DocumentStore.search';
      return { contender: name, samples: milliseconds, recall, extra: { parameters, versions } };
    });
    measurements.push(
      ...compare({ scenario: 'hybrid', n, dim, k: limit, unit: 'ms' }, 'legacy', observations),
    );
  }
  return measurements;
}

/** The share of the reference's hits that an answer has at the same place. */
function overlap(reference: readonly number[], answer: readonly number[]): number {
  if (reference.length === 0) return answer.length === 0 ? 1 : 0;
  return reference.filter((id, place) => answer[place] === id).length / reference.length;
}

async function closeAndMeasureSizes(
  stores: ReadonlyMap<string, DocumentStore>,
  app: AppSqlStore,
  files: HybridStores['files'],
  { dim, versions }: HybridPlan,
): Promise<Measurement[]> {
  for (const store of stores.values()) await store.close();
  app.close();
  return measureSizes(files, { dim, versions });
}
