import { MemoryBackend } from '@switchyard/storage-conformance/memory';
import { DocumentStore, type DocumentStoreOptions, type Embedder, reembed } from '@switchyard/storage-core';
import { describe, expect, it } from 'vitest';

const calls: number[] = [];
const embedder: Embedder = {
  model: 'test:plain',
  available: true,
  dimension: 2,
  embed: async (texts) => {
    calls.push(texts.length);
    return texts.map(() => Float32Array.of(1, 0));
  },
};

const metadata = { types: ['text'], level: 1, path: [] };
const page = { url: 'u', title: 't', chunks: [{ content: 'x', metadata }] };

/** Values that plain JavaScript may pass. */
const broken = (fields: object): never => fields as never;

describe('an embedder without limits', () => {
  it('gets batches of the default size', async () => {
    const store = await DocumentStore.open({ backend: new MemoryBackend(), embedder });
    const chunks = Array.from({ length: 150 }, (_, index) => ({ content: `text ${index}`, metadata }));
    await store.addPages('lib', '1', [{ ...page, chunks }]);
    expect(calls.splice(0)).toEqual([64, 64, 22]);
    await store.close();
  });

  it('and one of the two limits gets the default of the other', async () => {
    const small = { ...embedder, limits: { maxTexts: 1 } };
    const store = await DocumentStore.open({ backend: new MemoryBackend(), embedder: small });
    await store.addPages('lib', '1', [{ ...page, chunks: [...page.chunks, ...page.chunks] }]);
    expect(calls.splice(0)).toEqual([1, 1]);
    await store.close();
  });
});

describe('an invalid option of DocumentStore.open', () => {
  it.each<[string, object]>([
    ['backend', { backend: undefined }],
    ['backend', { backend: {} }],
    ['embedder', { embedder: 'openai:m' }],
    ['embedder.model', { embedder: { ...embedder, model: undefined } }],
    ['embedder.model', { embedder: { ...embedder, model: '' } }],
    ['embedder.available', { embedder: { ...embedder, available: undefined } }],
    ['embedder.embed', { embedder: { ...embedder, embed: undefined } }],
    ['embedder.dimension', { embedder: { ...embedder, dimension: '2' } }],
    ['embedder.limits', { embedder: { ...embedder, limits: null } }],
    ['embedder.limits.maxTexts', { embedder: { ...embedder, limits: { maxTexts: 0 } } }],
    ['embedder.limits.maxCharacters', { embedder: { ...embedder, limits: { maxCharacters: Number.NaN } } }],
    ['dimension', { dimension: 2.5 }],
    ['onModelChange', { onModelChange: 'overwrite' }],
    ['probeTimeoutMs', { probeTimeoutMs: 'long' }],
  ])('%s', async (field, fields) => {
    const backend = new MemoryBackend();
    const options: DocumentStoreOptions = broken({ backend, embedder, ...fields });
    const error = await DocumentStore.open(options).catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message.startsWith(`${field} must be `)).toBe(true);
    // Nothing was opened.
    await expect(backend.catalog.libraries()).rejects.toMatchObject({ code: 'STORAGE_CLOSED' });
  });

  it('also of reembed', async () => {
    const backend = new MemoryBackend();
    await backend.open();
    const nameless = broken({ ...embedder, model: undefined });
    await expect(reembed(backend, nameless)).rejects.toThrow(/^embedder\.model must be /);
    await backend.close();
  });
});

describe('an invalid page', () => {
  it.each<[string, unknown]>([
    ['pages', undefined],
    ['pages', null],
    ['pages', page],
    ['pages[0].url', [null]],
    ['pages[0].url', [{ ...page, url: undefined }]],
    ['pages[0].title', [{ ...page, title: 5 }]],
    ['pages[0].etag', [{ ...page, etag: {} }]],
    ['pages[0].lastModified', [{ ...page, lastModified: new Date(0) }]],
    ['pages[0].contentType', [{ ...page, contentType: ['text/html'] }]],
    ['pages[0].sourceContentType', [{ ...page, sourceContentType: true }]],
    ['pages[0].depth', [{ ...page, depth: '1' }]],
    ['pages[0].chunks', [{ ...page, chunks: undefined }]],
    ['pages[0].chunks[0].content', [{ ...page, chunks: [{ metadata }] }]],
    ['pages[0].chunks[0].metadata', [{ ...page, chunks: [{ content: 'x' }] }]],
  ])('%s', async (field, pages) => {
    const store = await DocumentStore.open({ backend: new MemoryBackend(), embedder });
    const error = await store
      .addPages('lib', '1', broken(pages as object))
      .catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message.startsWith(`${field} must `)).toBe(true);
    expect(calls).toEqual([]);
    await store.close();
  });

  it('nor are names of libraries and versions embedded for', async () => {
    const store = await DocumentStore.open({ backend: new MemoryBackend(), embedder });
    for (const [library, version] of [
      [5, '1'],
      ['', '1'],
      ['lib', 1],
    ]) {
      const adding = store.addPages(broken(library as never), broken(version as never), [page]);
      await expect(adding).rejects.toBeInstanceOf(TypeError);
    }
    expect(calls).toEqual([]);
    await store.close();
  });
});
