import { join } from 'node:path';
import type { Dataset } from '@switchyard/search-evaluation';
import { type BackendName, backends, buildStore, closeStores } from './corpus/build-store.js';
import { CachedEmbedder } from './corpus/cached-embedder.js';
import { type LibrarySource, readSources } from './corpus/read-corpus.js';
import { type Kind, kinds, openDataset, splits } from './datasets.js';
import { cacheFolder } from './folders.js';
import { describeAgreement } from './judging/agreement.js';
import { readIndependentJudgments, readJudgments } from './judging/judgments.js';
import { crossLinks } from './links/cross-links.js';
import { type Measured, measure, printSummary, requireIdentity } from './measure.js';
import { printSecondOpinion } from './second-opinion.js';

/**
 * `npm run evaluate:search`: builds stores of the documentation on each backend and measures them with all data sets.
 * With `--short`, as in CI, only with the documentation of pino, which is embedded in seconds. Fails if the backends
 * differ in any rank, or if the data sets do not fit the installed documentation.
 */
const isShort = process.argv.includes('--short');
const folder = join(cacheFolder, isShort ? 'short' : 'full');

const allSources = await readSources();
const sources = isShort ? allSources.filter(({ library }) => library.name === 'pino') : allSources;
checkDatasets();
console.log(`Both passes: ${describeAgreement(readJudgments().agreement)}`);
console.log(`Data set and second judge: ${describeAgreement(readIndependentJudgments().agreement)}\n`);

const embedder = new CachedEmbedder();
let differing = 0;
for (const kind of kinds) differing += await evaluate(kind);
await closeStores();
await embedder.close();
if (differing > 0) {
  console.error(`The backends differ in ${differing} rankings.`);
  process.exitCode = 1;
}

async function evaluate(kind: Kind): Promise<number> {
  const texts = kind === 'links' ? sources.map((source) => crossLinks(source).source) : sources;
  const measured = new Map<BackendName, Map<Dataset, Measured>>();
  const datasets = splits.map((split) => ofSources(openDataset(kind, split), texts));
  for (const backend of Object.keys(backends) as BackendName[]) {
    const store = await buildStore({ backend, folder, name: kind, sources: texts, embedder, onProgress });
    const results = new Map<Dataset, Measured>();
    for (const dataset of datasets) results.set(dataset, await measure(store, dataset));
    measured.set(backend, results);
    if (kind === 'questions' && backend === 'libsql') await printSecondOpinion(store, results);
    await store.close();
  }
  let differences = 0;
  for (const dataset of datasets) {
    const [first, ...others] = [...measured.values()].map((results) => results.get(dataset) as Measured);
    if (first === undefined) throw new Error('No backend was measured.');
    printSummary(dataset, first);
    for (const other of others) differences += requireIdentity(dataset.name, first, other);
    console.log('');
  }
  return differences;

  function onProgress(library: string, pages: number): void {
    console.error(`${kind}: indexing ${pages} pages of ${library}`);
  }
}

/** The queries of a data set about some libraries. */
function ofSources(dataset: Dataset, texts: readonly LibrarySource[]): Dataset {
  const names = texts.map(({ library }) => library.name);
  return { ...dataset, queries: dataset.queries.filter(({ library }) => names.includes(library)) };
}

/** Data sets that were made for other versions of the packages would measure nothing. */
function checkDatasets(): void {
  const urls = new Set(allSources.flatMap(({ files }) => files.map(({ url }) => url)));
  const used = kinds.flatMap((kind) => splits.flatMap((split) => openDataset(kind, split).queries));
  const missing = used.flatMap(({ judgments }) => [...judgments.keys()]).find((url) => !urls.has(url));
  if (missing !== undefined)
    throw new Error(`The data sets name ${missing}, which is not installed: run npm ci.`);
}
