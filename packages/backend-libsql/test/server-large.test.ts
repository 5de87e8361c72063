import { type SqldServer, startSqld } from '@switchyard/sqld';
import type { StorageBackend } from '@switchyard/storage-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connect } from './support/connect.js';
import { describeWithSqld } from './support/sqld.js';
import { chunk, fastify, page } from './support/store.js';

const DIMENSION = 768;
/** sqld answers with 10 MB at most. */
const TEXTS = { chunks: 600, length: 30_000 };
const VECTORS = { pages: 2, chunks: 2_500 };

describeWithSqld('more than a server sends at once', () => {
  let server: SqldServer;
  let store: StorageBackend;
  beforeAll(async () => {
    server = await startSqld();
    store = connect(server.url);
    await store.open();
    await store.vectors.reconcile({ model: 'a:b', dimension: DIMENSION }, 'refuse');
    const texts = Array.from({ length: TEXTS.chunks }, (_, i) =>
      chunk(`${i} `.padEnd(TEXTS.length, 'zebra ')),
    );
    await store.apply([page('/texts', texts)]);
    for (let p = 0; p < VECTORS.pages; p++) {
      const chunks = Array.from({ length: VECTORS.chunks }, (_, i) =>
        chunk(`okapi ${i}`, { vector: vector(i) }),
      );
      await store.apply([page(`/vectors-${p}`, chunks)]);
    }
  });
  afterAll(async () => {
    await store.close();
    await server.stop();
  });

  const vector = (seed: number) =>
    Float32Array.from({ length: DIMENSION }, (_, i) => Math.sin(seed + i * 0.37));

  it('is read in parts: texts of a page, by URL and by id', async () => {
    const byUrl = await store.catalog.chunksByUrl(fastify, '/texts');
    expect(byUrl).toHaveLength(TEXTS.chunks);
    expect(
      byUrl.every(({ content }, i) => content.startsWith(`${i} `) && content.length === TEXTS.length),
    ).toBe(true);
    expect(await store.catalog.chunks(byUrl.map(({ id }) => id))).toEqual(byUrl);
  });

  it('is read in parts: a whole version with its vectors', async () => {
    const pages = await store.catalog.snapshot({ version: fastify, limit: 100 });
    expect(pages.map(({ chunks }) => chunks.length)).toEqual([TEXTS.chunks, VECTORS.chunks, VECTORS.chunks]);
    expect(pages[2]?.chunks[1_234]?.vector).toEqual(vector(1_234));
  });

  it('is audited, and searched', async () => {
    expect((await store.vectors.audit()).problems).toEqual([]);
    expect((await store.fts.audit()).problems).toEqual([]);
    const near = await store.vectors.nearest({ version: fastify, vector: vector(7), limit: 1_000 });
    expect(near).toHaveLength(1_000);
    expect(near[0]?.distance).toBeCloseTo(0, 6);
  });
});
