import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { type CacheEvent, diagnosticsChannels } from '@switchyard/storage-core';
import { expect, it } from 'vitest';
import { chunk, fastify, openStore, page } from './support/store.js';

it('publishes the changes of the vector and the full-text cache', async () => {
  const events: CacheEvent[] = [];
  const listener = (event: unknown) => void events.push(event as CacheEvent);
  subscribe(diagnosticsChannels.cache, listener);
  try {
    const store = await openStore();
    await store.vectors.reconcile({ model: 'a:b', dimension: 2 }, 'refuse');
    const search = () =>
      store.candidates?.({
        versions: [fastify],
        vector: { values: Float32Array.of(1, 0), limit: 5 },
        fts: { terms: ['zebra'], limit: 5 },
        fusion: { limit: 5 },
      });
    await store.apply([page('/a', [chunk('zebra', { vector: Float32Array.of(1, 0) })])]);
    await search();
    expect(events).toContainEqual({
      backend: 'libsql',
      cache: 'vectors',
      event: 'load',
      bytes: expect.any(Number),
    });
    expect(events.some(({ cache, event }) => cache === 'fts' && event === 'load')).toBe(true);
    events.length = 0;
    await search();
    expect(events).toEqual([]);
    await store.apply([page('/b', [chunk('zebra', { vector: Float32Array.of(0, 1) })])]);
    await search();
    const seen = events.map(({ cache, event }) => `${cache} ${event}`);
    expect(seen).toEqual(expect.arrayContaining(['vectors update', 'fts reset', 'fts load']));
    expect(events.every(({ bytes }) => bytes >= 0)).toBe(true);
  } finally {
    unsubscribe(diagnosticsChannels.cache, listener);
  }
});
