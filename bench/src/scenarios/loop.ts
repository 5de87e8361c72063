import { monitorEventLoopDelay } from 'node:perf_hooks';
import { copyStore, DocumentStore, type Embedder, verifyStores } from '@switchyard/storage-core';
import { connectionString, createStore, MODEL, type StoreName, storeNames } from '../contenders/stores.js';
import type { CorpusPage } from '../corpus/types.js';
import { type VectorSet, vectorAt } from '../harness/ground-truth.js';
import type { Measurement } from '../harness/measurement.js';
import { makeDocumentation } from './documentation.js';
import { type Bench, type Scenario, standards, takesPart } from './scenario.js';

/** Interval between two samples of the event loop in milliseconds; the measured delay is the excess. */
const RESOLUTION_MS = 1;
const LIBRARY = 'bench';
const VERSION = '1';

/** Delay of the event loop during jobs over many pages. */
export const loop: Scenario = {
  name: 'loop',
  description:
    'delay of the event loop while pages are added, copied, compared, optimized, searched and removed',
  inDefaultRun: false,
  minutes: 2,
  run: async (bench) => {
    const { n, dim } = standards(bench.arguments, { n: 20_000 });
    const { pages, vectors } = await makeDocumentation(bench, { n, dim });
    const rows: Measurement[] = [];
    for (const name of storeNames) {
      if (takesPart(bench.arguments, name)) rows.push(...(await measureStore(bench, name, pages, vectors)));
    }
    return rows;
  },
};

async function measureStore(
  { workspace, progress }: Bench,
  name: StoreName,
  pages: readonly CorpusPage[],
  vectors: VectorSet,
): Promise<Measurement[]> {
  const { dim } = vectors;
  const connection = connectionString(name, workspace.path(`loop-${name}.db`));
  const created = await createStore(connection, dim, 'l2');
  const { backend } = created;
  const store = await DocumentStore.open({ backend, embedder: storedVectors(vectors) });
  const target = await createStore(workspace.path(`loop-copy-of-${name}.db`), dim, 'l2');
  const version = { library: LIBRARY, version: VERSION };
  const search = () => backend.vectors.nearest({ version, vector: vectorAt(vectors, 1), limit: 10 });

  const rows: Measurement[] = [];
  const measure = async (job: string, work: () => Promise<unknown>) => {
    progress.say(`${name}: ${job}`);
    rows.push({ ...(await delayDuring(work)), contender: name, n: vectors.count, dim, parameters: job });
  };
  await measure('addPages', () => store.addPages(LIBRARY, VERSION, pages));
  await measure('first search by vector', search);
  await measure('second search by vector', search);
  await measure('overview and pages', async () => {
    await store.overview();
    const found = await store.version(LIBRARY, VERSION);
    if (found !== null) await store.pages(found.id);
  });
  await measure('copyStore into libsql', () => copyStore(backend, target.backend));
  await measure('verifyStores with libsql', () => verifyStores(backend, target.backend));
  if (backend.optimize !== undefined)
    await measure('optimize', () => backend.optimize?.() ?? Promise.resolve());
  await measure('removeVersion', () => store.removeVersion(LIBRARY, VERSION));
  await store.close();
  await target.close();
  return rows;
}

/** The vectors of the corpus in order, as if a model had computed them instantly. */
function storedVectors(vectors: VectorSet): Embedder {
  let next = 0;
  return {
    model: MODEL,
    dimension: vectors.dim,
    available: true,
    limits: { maxTexts: 256, maxCharacters: 10_000_000 },
    embed: async (texts) => texts.map(() => vectorAt(vectors, next++ % vectors.count)),
  };
}

async function delayDuring(
  work: () => Promise<unknown>,
): Promise<Omit<Measurement, 'contender' | 'n' | 'dim'>> {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  const began = performance.now();
  delay.enable();
  await new Promise((resolve) => setTimeout(resolve, 5)); // the first sample has no predecessor
  delay.reset();
  await work();
  // A job that ends within one turn is measured by the sample after it, which a busy machine may delay.
  do await new Promise((resolve) => setTimeout(resolve, 5));
  while (delay.count === 0);
  delay.disable();
  const at = (percentile: number) => round(delay.percentile(percentile) / 1e6 - RESOLUTION_MS);
  return {
    scenario: 'loop',
    k: null,
    p50: at(50),
    p95: at(95),
    recall: null,
    ratio: null,
    reference: null,
    unit: 'ms',
    samples: delay.count,
    note: `p99 ${at(99)} ms, longest ${round(delay.max / 1e6 - RESOLUTION_MS)} ms, ${((performance.now() - began) / 1000).toFixed(1)} s in total`,
  };
}

function round(milliseconds: number): number {
  return Math.max(0, Math.round(milliseconds * 10) / 10);
}
