import { DocumentStore, type SearchOptions, type StorageBackend } from '@switchyard/storage-core';
import { expect, it } from 'vitest';
import { createMemoryState, MemoryBackend } from '../src/memory/index.js';
import { letterEmbedder } from '../src/support/embedder.js';

const versions = [
  { library: 'fastify', version: '5' },
  { library: 'pino', version: '' },
];
const searches: readonly SearchOptions[] = [
  {},
  { limit: 30 },
  { filter: { types: ['code'] } },
  { filter: { pathPrefix: ['Guide'], urlPrefix: '/B' }, limit: 2 },
  { filter: { types: ['text'] }, fusion: 'tuned', limit: 3 },
  { filter: {} },
  { context: { parent: true, children: 2 }, limit: 3 },
];

async function open(backend: StorageBackend, isHybrid: boolean): Promise<DocumentStore> {
  return DocumentStore.open({ backend, embedder: isHybrid ? letterEmbedder() : undefined });
}

it('searches without candidates() and without filters give the same hits', async () => {
  const state = createMemoryState();
  const full = new MemoryBackend({ state });
  const store = await open(full, true);
  for (const [v, { library, version }] of versions.entries()) {
    for (const url of ['/A', '/B', '/b']) {
      const chunks = ['zebra', 'okapi', 'zebra route', 'logging'].map((content, i) => ({
        content: `${content} ${'and so on '.repeat(v + i)}`,
        metadata: {
          types: [['text'], ['code'], ['structural'], ['text', 'code']][i] ?? [],
          level: 1,
          path: i === 0 ? ['Guide'] : ['Guide', content],
        },
      }));
      await store.addPage(library, version, { url, title: 'Page', chunks });
    }
  }
  for (const isHybrid of [true, false]) {
    const reference = await open(full, isHybrid);
    for (const capabilities of [
      { candidates: false },
      { filters: false },
      { candidates: false, filters: false },
    ]) {
      const minimal = await open(new MemoryBackend({ state, capabilities }), isHybrid);
      for (const options of searches) {
        const what = JSON.stringify([isHybrid, capabilities, options]);
        const one = await minimal.search('fastify', '5', 'zebra okapi', options);
        expect(one, what).toEqual(await reference.search('fastify', '5', 'zebra okapi', options));
        const many = await minimal.searchVersions(versions, 'zebra okapi', options);
        expect(many, what).toEqual(await reference.searchVersions(versions, 'zebra okapi', options));
        expect(one.length, what).toBeGreaterThan(0);
      }
    }
  }
});
