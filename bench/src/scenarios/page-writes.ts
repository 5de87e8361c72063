import type { ReplacePage } from '@switchyard/storage-core';
import { type HybridStores, type PageToWrite, versionName } from '../contenders/hybrid-stores.js';
import { LIBRARY } from '../contenders/stores.js';
import { CHUNKS_A_PAGE } from '../corpus/pages.js';
import type { CorpusPage } from '../corpus/types.js';
import { type VectorSet, vectorAt } from '../harness/ground-truth.js';
import { interleave, type Subject } from '../harness/interleave.js';
import { compare, type Measurement } from '../harness/measurement.js';
import { REFERENCES } from '../harness/references.js';
import { mean } from '../harness/stats.js';
import { type Bench, takesPart } from './scenario.js';

const WARM_UP_PAGES = 10;

/** Pages per group, similar to `DocumentStore.addPages`, which groups at least 64 chunks. */
const PAGES_A_GROUP = 8;
const WARM_UP_GROUPS = 3;

interface Size {
  readonly n: number;
  readonly dim: number;
  readonly versions: number;
}

/**
 * Measures writes of new pages of seven chunks with text, full text and vectors, one page per transaction, interleaved.
 */
export function measurePageWrites(
  bench: Bench,
  stores: HybridStores,
  { newPages, vectors }: { newPages: readonly CorpusPage[]; vectors: VectorSet },
  size: Size,
): Promise<Measurement[]> {
  const tasks = withVectors(newPages, vectors).map((page) => [page]);
  return measureWrites(bench, stores, size, {
    tasks: tasks.slice(WARM_UP_PAGES),
    warmUp: tasks.slice(0, WARM_UP_PAGES),
    parameters: 'apply([replacePage])',
  });
}

/** Measures the same writes with eight pages per transaction. */
export function measurePageGroups(
  bench: Bench,
  stores: HybridStores,
  { furtherPages, vectors }: { furtherPages: readonly CorpusPage[]; vectors: VectorSet },
  size: Size,
): Promise<Measurement[]> {
  const pages = withVectors(furtherPages, vectors);
  const tasks: PageToWrite[][] = [];
  for (let from = 0; from + PAGES_A_GROUP <= pages.length; from += PAGES_A_GROUP) {
    tasks.push(pages.slice(from, from + PAGES_A_GROUP));
  }
  return measureWrites(bench, stores, size, {
    tasks: tasks.slice(WARM_UP_GROUPS),
    warmUp: tasks.slice(0, WARM_UP_GROUPS),
    parameters: `apply of ${PAGES_A_GROUP} pages`,
  });
}

async function measureWrites(
  bench: Bench,
  { stores, others }: HybridStores,
  { n, dim, versions }: Size,
  {
    tasks,
    warmUp,
    parameters,
  }: {
    readonly tasks: readonly (readonly PageToWrite[])[];
    readonly warmUp: readonly (readonly PageToWrite[])[];
    /** Describes how our backends write. */
    readonly parameters: string;
  },
): Promise<Measurement[]> {
  const version = { library: LIBRARY, version: versionName(1) };
  const subjects: Subject<readonly PageToWrite[], unknown>[] = [...stores].map(([name, store]) => ({
    name,
    run: (pages) => store.backend.apply(pages.map((page) => toMutation(page, version))),
  }));
  for (const other of others) {
    subjects.push({
      name: other.name,
      run: (pages) => other.writePages(version.library, version.version, pages),
    });
  }
  const taking = subjects.filter(({ name }) => takesPart(bench.arguments, name));
  const runs = await interleave(taking, tasks, warmUp);
  const pagesAtOnce = tasks[0]?.length ?? 0;
  const chunks = CHUNKS_A_PAGE * pagesAtOnce;
  const observations = taking.map(({ name }, at) => {
    const { milliseconds: samples = [], cpuMilliseconds: cpu } = runs[at] ?? {};
    // Over all transactions, to include work that is deferred to some of them, such as checkpoints and merges.
    const chunksPerSecond = Math.round((1000 * chunks) / mean(samples));
    const how = others.find((other) => other.name === name)?.writing(pagesAtOnce) ?? parameters;
    return {
      contender: name,
      samples,
      cpu,
      recall: null,
      extra: { parameters: how, versions, chunksPerSecond },
    };
  });
  return compare({ scenario: 'write', n, dim, k: null, unit: 'ms' }, REFERENCES.writes, observations);
}

function withVectors(pages: readonly CorpusPage[], vectors: VectorSet): PageToWrite[] {
  return pages.map((page, index) => ({
    page,
    vectors: page.chunks.map((_, chunk) =>
      vectorAt(vectors, (index * CHUNKS_A_PAGE + chunk) % vectors.count),
    ),
  }));
}

function toMutation({ page, vectors }: PageToWrite, version: ReplacePage['version']): ReplacePage {
  return {
    kind: 'replacePage',
    version,
    page: { url: page.url, title: page.title, contentType: 'text/markdown' },
    chunks: page.chunks.map((chunk, index) => ({ ...chunk, vector: vectors[index] as Float32Array })),
  };
}
