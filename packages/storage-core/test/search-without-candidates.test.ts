import { MemoryBackend } from '@switchyard/storage-conformance/memory';
import { DocumentStore } from '@switchyard/storage-core';
import { expect, it } from 'vitest';

const page = (url: string) => ({
  url,
  chunks: [{ content: 'zebra', metadata: { types: ['text'], level: 0, path: [] } }],
});

it('a version whose nearest chunk lost its place keeps its full-text hits', async () => {
  const backend = new MemoryBackend({ capabilities: { candidates: false } });
  const embedder = {
    model: 'test:near',
    dimension: 2,
    available: true,
    embed: async (texts: readonly string[]) =>
      texts.map((text) => Float32Array.of(text.includes('okapi') ? 20 : text.includes('far') ? 9 : 1, 0)),
  };
  const store = await DocumentStore.open({ backend, embedder });
  const pages = Array.from({ length: 120 }, (_, at) => page(`/${at}`));
  await store.addPages('near', '1', pages);
  const metadata = { types: ['text'], level: 0, path: [] };
  await store.addPage('far', '1', {
    url: '/hit',
    chunks: [
      { content: 'far', metadata },
      { content: 'okapi', metadata },
    ],
  });
  const found = await store.searchVersions(
    [
      { library: 'near', version: '1' },
      { library: 'far', version: '1' },
    ],
    'okapi',
    { limit: 3, vector: Float32Array.of(1, 0), fusion: { rule: 'reciprocal-rank', ftsWeight: 5 } },
  );
  expect(found[0]).toMatchObject({ library: 'far', url: '/hit', ftsRank: 1 });
});
