import { MemoryBackend } from '@switchyard/storage-conformance/memory';
import { copyStore, DocumentStore, type Mutation, StorageError } from '@switchyard/storage-core';
import type { ResultsOf } from '@switchyard/storage-core/backend';
import { describe, expect, it } from 'vitest';

/** Refuses, truthfully as not applied, every write after the first few. */
class Failing extends MemoryBackend {
  writesLeft = Number.POSITIVE_INFINITY;

  override apply<const M extends readonly Mutation[]>(mutations: M): Promise<ResultsOf<M>> {
    if (this.writesLeft-- > 0) return super.apply(mutations);
    return Promise.reject(new StorageError('STORAGE_BUSY', 'Busy.', { outcome: 'not-applied' }));
  }
}

/** Divides its writes. */
class Dividing extends Failing {
  readonly writeBytesMax = 1;
}

const metadata = { types: ['text'], level: 1, path: [] };
const pages = Array.from({ length: 40 }, (_, index) => ({
  url: `/${index}`,
  chunks: [{ content: `text ${index}`, metadata }],
}));

async function filled(backend: Failing): Promise<DocumentStore> {
  const store = await DocumentStore.open({ backend });
  await store.addPages('lib', '1', pages);
  return store;
}

describe('a call of several writes that fails after some of them', () => {
  it('copyStore', async () => {
    const from = await filled(new Failing());
    for (const [writesLeft, expected] of [
      [0, { outcome: 'not-applied' }],
      [1, { outcome: 'unknown', details: { pagesWritten: 20 } }],
    ] as const) {
      const to = new Failing();
      await to.open();
      to.writesLeft = writesLeft;
      await expect(copyStore(from.backend, to)).rejects.toMatchObject({ code: 'STORAGE_BUSY', ...expected });
      to.writesLeft = Number.POSITIVE_INFINITY;
      await expect(copyStore(from.backend, to)).resolves.toMatchObject({ pages: 40 });
      await to.close();
    }
  });

  it('copyStore that is aborted', async () => {
    const from = await filled(new Failing());
    const to = new MemoryBackend();
    await to.open();
    const abort = new AbortController();
    const copying = copyStore(from.backend, to, { signal: abort.signal, onProgress: () => abort.abort() });
    const expected = { code: 'STORAGE_ABORTED', outcome: 'unknown', details: { pagesWritten: 20 } };
    await expect(copying).rejects.toMatchObject(expected);
    await to.close();
  });

  it.each(['deletePages', 'removeVersion'] as const)('%s', async (method) => {
    const backend = new Dividing();
    const store = await filled(backend);
    backend.writesLeft = 0;
    await expect(store[method]('lib', '1')).rejects.toMatchObject({ outcome: 'not-applied' });
    backend.writesLeft = 1;
    const expected = { code: 'STORAGE_BUSY', outcome: 'unknown', details: { pagesDeleted: 10 } };
    const failing = store[method]('lib', '1');
    await expect(failing).rejects.toMatchObject(expected);
    await expect(failing).rejects.toThrow(
      'Before that, 10 pages were deleted; the same call deletes the rest.',
    );
    await store.close();
  });

  it.each(['deletePages', 'removeVersion'] as const)('%s that is aborted', async (method) => {
    const backend = new Dividing();
    const store = await filled(backend);
    const abort = new AbortController();
    const apply = backend.apply.bind(backend);
    backend.apply = (mutations) => apply(mutations).finally(() => abort.abort());
    const failing = store[method]('lib', '1', { signal: abort.signal });
    await expect(failing).rejects.toMatchObject({
      code: 'STORAGE_ABORTED',
      outcome: 'unknown',
      details: { pagesDeleted: 30 }, // these writes do not listen to the signal; the next read does
    });
    expect(await backend.catalog.pages({ library: 'lib', version: '1' })).toHaveLength(10);
    backend.apply = apply;
    await store[method]('lib', '1');
    expect(await backend.catalog.pages({ library: 'lib', version: '1' })).toEqual([]);
    await store.close();
  });

  it.each(['deletePages', 'removeVersion'] as const)('%s whose first read fails', async (method) => {
    const backend = new Dividing();
    const store = await filled(backend);
    backend.catalog.pages = () => Promise.reject(new StorageError('STORAGE_BUSY', 'Busy.'));
    await expect(store[method]('lib', '1')).rejects.toMatchObject({ outcome: 'not-applied' });
    await store.close();
  });

  it.each([
    ['removeLibrary', (store: DocumentStore) => store.removeLibrary('lib')],
    ['clear', (store: DocumentStore) => store.clear()],
    ['deletePagesWhere', (store: DocumentStore) => store.deletePagesWhere('lib', '1', { urlPrefix: '/' })],
  ])('%s', async (_, remove) => {
    const backend = new Dividing();
    const store = await filled(backend);
    backend.writesLeft = 0;
    await expect(remove(store)).rejects.toMatchObject({ outcome: 'not-applied' });
    backend.writesLeft = 1;
    await expect(remove(store)).rejects.toMatchObject({
      code: 'STORAGE_BUSY',
      outcome: 'unknown',
      details: { pagesDeleted: 10 },
    });
    backend.writesLeft = Number.POSITIVE_INFINITY;
    expect(await remove(store)).toMatchObject({ pagesDeleted: 30, documentsDeleted: 30 });
    expect(await backend.catalog.pages({ library: 'lib', version: '1' })).toEqual([]);
    await store.close();
  });

  it('copyStore counts texts that a source does not hold as UTF-8', async () => {
    const from = await filled(new Failing());
    const snapshot = from.backend.catalog.snapshot.bind(from.backend.catalog);
    from.backend.catalog.snapshot = async (request) =>
      (await snapshot(request)).map(({ page, chunks }, index) => ({
        page: index === 0 ? { ...page, title: 'half \ud83d' } : page,
        chunks: chunks.map((chunk) => (index < 2 ? { ...chunk, content: '\ude00' } : chunk)),
        ...(index === 1 ? { textsReplaced: 3 } : {}),
      }));
    const to = new MemoryBackend();
    await to.open();
    // Two batches of pages, each with one title and two contents besides the three that the source counted.
    expect(await copyStore(from.backend, to)).toMatchObject({
      pages: 40,
      textsReplaced: 12,
      pagesUnchanged: 0,
    });
    expect(await copyStore(from.backend, to)).toMatchObject({ textsReplaced: 12, pagesUnchanged: 40 });
    await to.close();
  });
});
