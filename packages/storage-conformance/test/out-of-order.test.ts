import { MemoryBackend } from '@switchyard/storage-conformance/memory';
import { checkStore, copyStore, DocumentStore, verifyStores } from '@switchyard/storage-core';
import { describe, expect, it } from 'vitest';

/** Ignores where a part begins, as a damaged B-tree does: the same pages again and again. */
class Repeating extends MemoryBackend {
  repeat(): void {
    const { catalog } = this;
    const [snapshot, pages] = [catalog.snapshot.bind(catalog), catalog.pages.bind(catalog)];
    catalog.snapshot = (request, options) => snapshot({ ...request, after: 0 }, options);
    catalog.pages = (request, options) => pages({ ...request, after: 0 }, options);
  }
}

const metadata = { types: ['text'], level: 1, path: [] };
const pages = Array.from({ length: 1_200 }, (_, index) => ({
  url: `/${index}`,
  chunks: [{ content: `text ${index}`, metadata }],
}));
const damaged = { code: 'STORAGE_CORRUPT', details: { reason: 'out-of-order' } };

async function repeating(): Promise<{ store: DocumentStore; versionId: number }> {
  const backend = new Repeating();
  const store = await DocumentStore.open({ backend });
  await store.addPages('lib', '1', pages);
  const versionId = (await backend.catalog.version({ library: 'lib', version: '1' }))?.id ?? 0;
  backend.repeat();
  return { store, versionId };
}

describe('a store whose pages do not ascend ends, with an error,', () => {
  it('a list of all pages', async () => {
    const { store, versionId } = await repeating();
    await expect(store.pages(versionId)).rejects.toMatchObject(damaged);
  });

  it('a copy, as source and as target', async () => {
    const { store } = await repeating();
    const target = await DocumentStore.open({ backend: new MemoryBackend() });
    await expect(copyStore(store.backend, target.backend)).rejects.toMatchObject(damaged);
    const sound = await DocumentStore.open({ backend: new MemoryBackend() });
    await sound.addPages('lib', '1', pages);
    await expect(copyStore(sound.backend, store.backend)).rejects.toMatchObject(damaged);
  });

  it('a comparison', async () => {
    const { store } = await repeating();
    const sound = await DocumentStore.open({ backend: new MemoryBackend() });
    await sound.addPages('lib', '1', pages);
    await expect(verifyStores(sound.backend, store.backend, { deep: true })).rejects.toMatchObject(damaged);
  });

  it('a check', async () => {
    const { store } = await repeating();
    const { damages } = await checkStore(store.backend);
    expect(damages.length).toBeGreaterThan(0);
  });
});
