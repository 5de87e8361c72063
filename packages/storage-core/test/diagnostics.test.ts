import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { MemoryBackend } from '@switchyard/storage-conformance/memory';
import { DocumentStore, diagnosticsChannels, type Embedder } from '@switchyard/storage-core';
import { afterEach, describe, expect, it } from 'vitest';

const subscriptions: (readonly [string, (event: unknown) => void])[] = [];
afterEach(() => {
  for (const [name, listener] of subscriptions.splice(0)) unsubscribe(name, listener);
});

/** Collects the events of a channel until the test ends. */
function eventsOf(channel: keyof typeof diagnosticsChannels): unknown[] {
  const events: unknown[] = [];
  const listener = (event: unknown) => void events.push(event);
  const name = diagnosticsChannels[channel];
  subscribe(name, listener);
  subscriptions.push([name, listener]);
  return events;
}

const embedder: Embedder = {
  model: 'test:lengths',
  dimension: 2,
  available: true,
  limits: { maxTexts: 10, maxCharacters: 1000 },
  embed: async (texts) => texts.map((text) => Float32Array.of(1, text.length)),
};

const metadata = { types: ['text'], level: 1, path: ['Confidential heading'] };
const pages = ['/confidential/a', '/confidential/b'].map((url) => ({
  url,
  title: 'Confidential title',
  chunks: [
    { content: 'confidential zebra', metadata },
    { content: 'confidential okapi', metadata },
  ],
}));

describe('diagnostics', () => {
  it('publishes searches with kind, limit, hits and duration', async () => {
    const events = eventsOf('search');
    await using store = await DocumentStore.open({ backend: new MemoryBackend(), embedder });
    await store.addPages('confidential', '1', pages);
    await store.search('confidential', '1', 'confidential', { limit: 3 });
    await using words = await DocumentStore.open({ backend: new MemoryBackend() });
    await words.search('confidential', '1', 'confidential');
    expect(events).toEqual([
      {
        backend: 'memory',
        kind: 'hybrid',
        mode: 'exact',
        versions: 1,
        limit: 3,
        hits: 3,
        durationMs: expect.any(Number),
      },
      { backend: 'memory', kind: 'fts', versions: 1, limit: 5, hits: 0, durationMs: expect.any(Number) },
    ]);
  });

  it('publishes writes with kinds and counts, one for each transaction', async () => {
    const events = eventsOf('write');
    await using store = await DocumentStore.open({ backend: new MemoryBackend(), embedder });
    await store.addPages('confidential', '1', pages);
    const id = await store.resolveVersion('confidential', '1');
    await store.setVersionStatus(id, 'failed', 'confidential');
    await store.removeLibrary('confidential');
    const event = (kind: string, mutations = 1, chunks = 0) => ({
      backend: 'memory',
      kinds: [kind],
      mutations,
      chunks,
      durationMs: expect.any(Number),
    });
    expect(events).toEqual([
      event('replacePage', 2, 4),
      event('resolveVersion'),
      event('setVersionStatus'),
      event('removeLibrary'),
    ]);
  });

  it('publishes failures by their code or name', async () => {
    const searches = eventsOf('search');
    const writes = eventsOf('write');
    const store = await DocumentStore.open({ backend: new MemoryBackend() });
    await expect(store.search('a', '1', 'x', { limit: -1 })).rejects.toThrow(TypeError);
    await expect(store.setVersionStatus(7, 'queued', null, { ifMissing: 'error' })).rejects.toThrow();
    await store.close();
    await expect(store.search('a', '1', 'x')).rejects.toThrow();
    expect(searches).toMatchObject([
      { hits: 0, error: 'TypeError' },
      { hits: 0, error: 'STORAGE_CLOSED' },
    ]);
    expect(writes).toMatchObject([{ kinds: ['setVersionStatus'], error: 'STORAGE_NOT_FOUND' }]);
  });

  it('contains nothing of queries or documents', async () => {
    const events = [eventsOf('search'), eventsOf('write'), eventsOf('cache')];
    await using store = await DocumentStore.open({ backend: new MemoryBackend(), embedder });
    await store.addPages('confidential', '1', pages);
    await store.search('confidential', '1', 'confidential');
    await store.deletePagesWhere('confidential', '1', { urlPrefix: '/confidential/' });
    expect(events.flat().length).toBeGreaterThanOrEqual(3);
    expect(JSON.stringify(events)).not.toMatch(/confidential/i);
  });
});

describe('Symbol.asyncDispose', () => {
  it('closes a store and a backend', async () => {
    const backend = new MemoryBackend();
    {
      await using store = await DocumentStore.open({ backend });
      expect(await store.libraries()).toEqual([]);
    }
    await expect(backend.catalog.libraries()).rejects.toMatchObject({ code: 'STORAGE_CLOSED' });
    await backend.open();
    await backend[Symbol.asyncDispose]();
    await expect(backend.catalog.libraries()).rejects.toMatchObject({ code: 'STORAGE_CLOSED' });
  });
});
