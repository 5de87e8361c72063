import { MemoryBackend } from '@switchyard/storage-conformance/memory';
import { DocumentStore, type Embedder, StorageError } from '@switchyard/storage-core';
import { describe, expect, it } from 'vitest';

/** Rejects texts of more than 200 characters. */
const embedder: Embedder = {
  model: 'test:small',
  dimension: 2,
  available: true,
  limits: { maxTexts: 8, maxCharacters: 10_000 },
  embed: async (texts) => {
    if (texts.some(({ length }) => length > 200)) {
      throw new StorageError('STORAGE_EMBEDDING_TOO_LARGE', 'Too much.');
    }
    return texts.map(() => Float32Array.of(1, 0));
  },
};

const chunk = (content: string) => ({ content, metadata: { types: ['text'], level: 0, path: [] } });
const pages = [
  { url: 'a', title: 'a', chunks: [chunk('short'), chunk(`heron ${'x'.repeat(600)}`), chunk('short too')] },
  { url: 'b', title: 'b', chunks: [chunk('short')] },
];

describe('a chunk that is too large for the embedder', () => {
  it('fails the call by default', async () => {
    const store = await DocumentStore.open({ backend: new MemoryBackend(), embedder });
    for (const options of [{}, { onTooLarge: 'error' }] as const) {
      const adding = store.addPages('lib', '1.0.0', pages, options);
      await expect(adding).rejects.toMatchObject({ code: 'STORAGE_EMBEDDING_TOO_LARGE' });
    }
    await store.close();
  });

  it('is stored without a vector and reported with skip', async () => {
    const store = await DocumentStore.open({ backend: new MemoryBackend(), embedder });
    const [a, b] = await store.addPages('lib', '1.0.0', pages, { onTooLarge: 'skip' });
    expect(a).toMatchObject({ tooLarge: [1] });
    expect(a?.chunkIds).toHaveLength(3);
    expect(b?.tooLarge).toBeUndefined();
    expect(await store.backend.vectors.stats()).toMatchObject({ indexed: 3, without: 1 });
    const hits = await store.search('lib', '1.0.0', 'heron');
    expect(hits.find(({ content }) => content.startsWith('heron'))).toMatchObject({ ftsRank: 1 });
    await store.close();
  });

  it('throws a TypeError for any other value of onTooLarge', async () => {
    const store = await DocumentStore.open({ backend: new MemoryBackend(), embedder });
    const adding = store.addPages('lib', '1.0.0', pages, { onTooLarge: 'ignore' as 'skip' });
    await expect(adding).rejects.toThrow(TypeError);
    await store.close();
  });
});
