import { join } from 'node:path';
import type { ChunkSizes } from '@switchyard/docs-loader';
import type { DocumentStore, Metric } from '@switchyard/storage-core';
import { buildStore, closeStores } from '../corpus/build-store.js';
import { CachedEmbedder } from '../corpus/cached-embedder.js';
import { readSources } from '../corpus/read-corpus.js';
import { type Kind, kinds, openDataset, splits } from '../datasets.js';
import { cacheFolder } from '../folders.js';
import { crossLinks } from '../links/cross-links.js';
import { rankPages } from './fuse.js';
import { type CandidateLists, gatherLists, type ListOptions, withWeights } from './lists.js';
import { type ListsByDataset, printTable, type Scores, scoresOf } from './report.js';
import { measureTimes } from './times.js';
import { fusionVariants, plateauNames, today, tuned, weightVariants } from './variants.js';

/** `npm run evaluate:study`: the tables behind docs/concepts/search-quality.md. */
const embedder = new CachedEmbedder();
const sources = await readSources();
const folder = join(cacheFolder, 'study');

interface StoreVariant {
  readonly name: string;
  readonly sizes?: ChunkSizes;
  readonly metric?: Metric;
}

async function openStores({ name, sizes, metric }: StoreVariant): Promise<Map<Kind, DocumentStore>> {
  const stores = new Map<Kind, DocumentStore>();
  for (const kind of kinds) {
    const texts = kind === 'links' ? sources.map((source) => crossLinks(source).source) : sources;
    const settings = {
      backend: 'libsql',
      folder,
      name: `${name}-${kind}`,
      sources: texts,
      embedder,
    } as const;
    console.error(`building ${settings.name}`);
    stores.set(kind, await buildStore({ ...settings, sizes, metric }));
  }
  return stores;
}

async function listsOf(
  stores: ReadonlyMap<Kind, DocumentStore>,
  options: ListOptions = {},
): Promise<ListsByDataset> {
  const lists = new Map<string, CandidateLists[]>();
  for (const kind of kinds) {
    for (const split of splits) {
      const store = stores.get(kind) as DocumentStore;
      lists.set(`${kind}.${split}`, await gatherLists(store, openDataset(kind, split), embedder, options));
    }
  }
  return lists;
}

/** The fusion of this study must be that of the store. */
async function checkFusion(stores: ReadonlyMap<Kind, DocumentStore>, lists: ListsByDataset): Promise<void> {
  for (const one of lists.get('questions.test') ?? []) {
    const { library, version, text } = one.query;
    const hits = await (stores.get('questions') as DocumentStore).search(library, version ?? '', text, {
      limit: 30,
    });
    const pages = [...new Set(hits.map(({ url }) => url))];
    if (JSON.stringify(pages) !== JSON.stringify(rankPages(one, today)))
      throw new Error(`Another ranking: ${text}`);
  }
}

const standard = await openStores({ name: 'standard' });
const lists = await listsOf(standard);
await checkFusion(standard, lists);
printTable(
  'Fusion, weights and over-fetch',
  fusionVariants.map(([name, variant]) => [name, scoresOf(lists, variant)]),
);

const plateau = fusionVariants.filter(([name]) => plateauNames.includes(name));
printTable(
  'The best settings among each other',
  plateau.map(([name, variant]) => [name, scoresOf(lists, variant)]),
);

const weights: (readonly [string, Scores])[] = [];
for (const [name, [content, title, url, path]] of weightVariants) {
  const weighted = new Map<string, CandidateLists[]>();
  for (const [dataset, all] of lists) {
    const store = standard.get(dataset.startsWith('links') ? 'links' : 'questions') as DocumentStore;
    weighted.set(dataset, await withWeights(store, all, { content, title, url, path }));
  }
  weights.push([name, scoresOf(weighted, today)]);
  weights.push([`${name}; full text only`, scoresOf(weighted, { rule: 'reciprocal-rank', vectorWeight: 0 })]);
  weights.push([`${name}; tuned fusion`, scoresOf(weighted, tuned)]);
}
printTable('Weights of the columns in bm25', weights);

await measureTimes(standard.get('questions') as DocumentStore, openDataset('questions', 'test'), embedder);

for (const store of standard.values()) {
  for (const { library, version } of sources) {
    await store.backend.annIndexes?.build({ library: library.name, version });
  }
}
const approximate = await listsOf(standard, { mode: 'diskann' });
const cosine = await listsOf(await openStores({ name: 'cosine', metric: 'cosine' }));
printTable('Metric and search mode', [
  ['L2, exact', scoresOf(lists, today)],
  ['cosine, exact', scoresOf(cosine, today)],
  ['L2, DiskANN', scoresOf(approximate, today)],
]);

const sizes: (readonly [string, Scores])[] = [['1000, at most 2000 (default)', scoresOf(lists, today)]];
sizes.push(['1000; full text only', scoresOf(lists, { rule: 'reciprocal-rank', vectorWeight: 0 })]);
sizes.push(['1000; vectors only', scoresOf(lists, { rule: 'reciprocal-rank', ftsWeight: 0 })]);
for (const size of [500, 2000]) {
  const chunkSizes = { min: size / 5, preferred: size, max: size * 2 };
  const other = await listsOf(await openStores({ name: `size-${size}`, sizes: chunkSizes }));
  sizes.push([`${size}, at most ${size * 2}`, scoresOf(other, today)]);
  sizes.push([`${size}; full text only`, scoresOf(other, { rule: 'reciprocal-rank', vectorWeight: 0 })]);
  sizes.push([`${size}; vectors only`, scoresOf(other, { rule: 'reciprocal-rank', ftsWeight: 0 })]);
}
printTable('Chunk size in characters', sizes);

await closeStores();
await embedder.close();
