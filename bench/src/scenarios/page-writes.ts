import type { ReplacePage } from '@switchyard/storage-core';
import { type HybridStores, versionName } from '../contenders/hybrid-stores.js';
import { LIBRARY } from '../contenders/stores.js';
import { CHUNKS_A_PAGE } from '../corpus/pages.js';
import type { CorpusPage } from '../corpus/types.js';
import { type VectorSet, vectorAt } from '../harness/ground-truth.js';
import { interleave, type Subject } from '../harness/interleave.js';
import { compare, type Measurement } from '../harness/measurement.js';
import { mean } from '../harness/stats.js';
import { type Bench, takesPart } from './scenario.js';

const WARM_UP = 10;

/** A page and the vectors of its chunks. */
interface PageToWrite {
  readonly page: CorpusPage;
  readonly vectors: readonly Float32Array[];
}

/** Writes new pages of seven chunks with text, full text and vectors, one page a transaction, in turns. */
export async function measurePageWrites(
  bench: Bench,
  { stores, app }: HybridStores,
  { newPages, vectors }: { newPages: readonly CorpusPage[]; vectors: VectorSet },
  { n, dim, versions }: { n: number; dim: number; versions: number },
): Promise<Measurement[]> {
  const version = { library: LIBRARY, version: versionName(1) };
  const versionId = app.versionId(version.library, version.version);
  const tasks = newPages.map(
    (page, index): PageToWrite => ({
      page,
      vectors: page.chunks.map((_, chunk) =>
        vectorAt(vectors, (index * CHUNKS_A_PAGE + chunk) % vectors.count),
      ),
    }),
  );
  const subjects: Subject<PageToWrite, unknown>[] = [...stores].map(([name, store]) => ({
    name,
    run: (task) => store.backend.apply([toMutation(task, version)]),
  }));
  subjects.push({ name: 'app-sql', run: (task) => app.writePage(versionId, task.page, task.vectors) });
  const taking = subjects.filter(({ name }) => takesPart(bench.arguments, name));
  const runs = await interleave(taking, tasks.slice(WARM_UP), tasks.slice(0, WARM_UP));
  const observations = taking.map(({ name }, at) => {
    const { milliseconds: samples = [], cpuMilliseconds: cpu } = runs[at] ?? {};
    // Over all pages: what is put off to some of them, such as checkpoints and merges, has to be paid as well.
    const chunksPerSecond = Math.round((1000 * CHUNKS_A_PAGE) / mean(samples));
    const parameters = name === 'app-sql' ? 'triggers, vectors as JSON' : 'apply([replacePage])';
    return { contender: name, samples, cpu, recall: null, extra: { parameters, versions, chunksPerSecond } };
  });
  return compare({ scenario: 'write', n, dim, k: null, unit: 'ms' }, 'app-sql', observations);
}

function toMutation({ page, vectors }: PageToWrite, version: ReplacePage['version']): ReplacePage {
  return {
    kind: 'replacePage',
    version,
    page: { url: page.url, title: page.title, contentType: 'text/markdown' },
    chunks: page.chunks.map((chunk, index) => ({ ...chunk, vector: vectors[index] as Float32Array })),
  };
}
