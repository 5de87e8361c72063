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
      [1, { outcome: 'unknown', details: { pagesWritten: 32 } }],
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
    const expected = { code: 'STORAGE_ABORTED', outcome: 'unknown', details: { pagesWritten: 32 } };
    await expect(copying).rejects.toMatchObject(expected);
    await to.close();
  });

  it.each(['deletePages', 'removeVersion'] as const)('%s', async (method) => {
    const backend = new Dividing();
    const store = await filled(backend);
    backend.writesLeft = 0;
    await expect(store[method]('lib', '1')).rejects.toMatchObject({ outcome: 'not-applied' });
    backend.writesLeft = 1;
    const expected = { code: 'STORAGE_BUSY', outcome: 'unknown', details: { pagesDeleted: 16 } };
    await expect(store[method]('lib', '1')).rejects.toMatchObject(expected);
    await store.close();
  });
});
