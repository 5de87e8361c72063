import { OfflineEmbedder } from '@switchyard/embedders';
import type { Dataset } from '@switchyard/search-evaluation';
import { DocumentStore, embedQuery } from '@switchyard/storage-core';
import type { CachedEmbedder } from '../corpus/cached-embedder.js';

/** Prints what each step of a search takes, in milliseconds: median and 95th percentile over all queries. */
export async function measureTimes(
  store: DocumentStore,
  dataset: Dataset,
  embedder: CachedEmbedder,
): Promise<void> {
  const { backend } = store;
  const plain = await DocumentStore.open({ backend });
  const model = new OfflineEmbedder();
  await model.embed(['warm-up']);
  const steps = new Map<string, number[]>();
  const time = async (name: string, step: () => Promise<unknown>) => {
    const start = performance.now();
    await step();
    steps.set(name, [...(steps.get(name) ?? []), performance.now() - start]);
  };
  for (const { library, version, text } of [...dataset.queries.slice(0, 10), ...dataset.queries]) {
    const vector = await embedQuery(embedder, text);
    const search = (options: object) => plain.search(library, version ?? '', text, { limit: 30, ...options });
    await time('embedding the query, offline model', () => embedQuery(model, text));
    await time('full text only', () => search({}));
    await time('hybrid, default', () => search({ vector }));
    await time('hybrid, reciprocal rank', () => search({ vector, fusion: { rule: 'reciprocal-rank' } }));
    await time('hybrid, over-fetch 8', () => search({ vector, overfetchFactor: 8 }));
  }
  await model.close();
  console.log('### Time of the steps\n\n| step | p50, ms | p95, ms |\n|---|---:|---:|');
  for (const [name, times] of steps) {
    const sorted = times.slice(10).sort((a, b) => a - b);
    const at = (share: number) => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(2);
    console.log(`| ${name} | ${at(0.5)} | ${at(0.95)} |`);
  }
  console.log('');
}
