import { type FaultProxy, type SqldServer, startProxy, startSqld } from '@switchyard/sqld';
import { type EmbeddingProfile, reembed, type StorageBackend } from '@switchyard/storage-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connect } from './support/connect.js';
import { describeWithSqld } from './support/sqld.js';
import { chunk, fastify, openStore, page } from './support/store.js';

const OLD = 64;
const NEW = 768;
const PAGES = 25;
const CHUNKS_PER_PAGE = 40;
const CHUNKS = PAGES * CHUNKS_PER_PAGE;

function vectorOf(text: string, dimension: number): Float32Array {
  let seed = 7;
  for (const letter of text) seed = (seed * 31 + letter.charCodeAt(0)) % 100_003;
  return Float32Array.from({ length: dimension }, (_, at) => Math.sin(seed * 0.37 + at * 0.11));
}

const embedder = {
  model: 'new:model',
  dimension: NEW,
  available: true,
  limits: { maxTexts: 64, maxCharacters: 1_000_000 },
  embed: async (texts: readonly string[]) => texts.map((text) => vectorOf(text, NEW)),
};

async function fill(store: StorageBackend): Promise<void> {
  await store.vectors.reconcile({ model: 'old:model', dimension: OLD }, 'refuse');
  for (let number = 0; number < PAGES; number++) {
    const chunks = Array.from({ length: CHUNKS_PER_PAGE }, (_, at) => {
      const content = `zebra okapi ${number} ${at}`;
      return chunk(content, { vector: vectorOf(content, OLD) });
    });
    await store.apply([page(`/${number}`, chunks)]);
  }
}

const nearest = (store: StorageBackend, dimension: number) =>
  store.vectors.nearest({ version: fastify, vector: vectorOf('a question', dimension), limit: 20 });

describeWithSqld('re-embedding a store on a server', () => {
  let server: SqldServer;
  let proxy: FaultProxy;
  let store: StorageBackend;
  beforeAll(async () => {
    server = await startSqld();
    proxy = await startProxy(server.url);
    store = connect(proxy.url);
    await store.open();
    await fill(store);
  });
  afterAll(async () => {
    await store.close();
    await proxy.stop();
    await server.stop();
  });

  it('equals a local store; a batch takes one request, and the switch a constant number', async () => {
    const reader = connect(server.url);
    await reader.open();
    const before = await nearest(reader, OLD);
    const { staging } = store;
    if (staging === undefined) throw new Error('There is no staging.');
    const { profile } = await staging.begin({ model: 'new:model', dimension: NEW });
    const stageNext = async (as: EmbeddingProfile) => {
      const chunks = await staging.missing({ limit: 64 });
      const vectors = chunks.map(({ chunkId, content }) => ({ chunkId, values: vectorOf(content, NEW) }));
      proxy.reset();
      await staging.stage({ profile: as, vectors });
      return proxy.requests.length;
    };
    await stageNext(profile);
    expect(await stageNext(profile)).toBe(1);
    expect(await nearest(reader, OLD)).toEqual(before);

    const result = await reembed(store, embedder);
    expect(result).toMatchObject({
      outcome: 'switched',
      resumed: 128,
      embedded: CHUNKS - 128,
      vectors: CHUNKS,
    });
    expect(await reader.vectors.profile()).toEqual(result.profile);

    const same = await reembedAgain();
    expect(same.requests).toBeLessThan(40);
    const local = await openStore();
    await fill(local);
    await reembed(local, embedder);
    const expected = await nearest(local, NEW);
    for (const from of [store, reader]) {
      const found = await nearest(from, NEW);
      expect(found.map(({ chunkId }) => chunkId)).toEqual(expected.map(({ chunkId }) => chunkId));
    }
    expect((await store.vectors.audit()).problems).toEqual([]);
    await store.apply([page('/late', [chunk('late', { vector: vectorOf('late', NEW) })])]);
    expect(await store.vectors.stats()).toEqual({ indexed: CHUNKS + 1, without: 0, unusable: 0 });
    await reader.close();
  });

  /** The same job once more, with the requests that its switch took. */
  async function reembedAgain(): Promise<{ readonly requests: number }> {
    const { staging } = store;
    if (staging === undefined) throw new Error('There is no staging.');
    const { profile } = await staging.begin({ model: 'new:model', dimension: NEW });
    for (;;) {
      const chunks = await staging.missing({ limit: 250 });
      if (chunks.length === 0) break;
      const vectors = chunks.map(({ chunkId, content, page: { url, title } }) => {
        const text = `<title>${title ?? ''}</title>\n<url>${url}</url>\n<path></path>\n${content}`;
        return { chunkId, values: vectorOf(text, NEW) };
      });
      await staging.stage({ profile, vectors });
    }
    proxy.reset();
    await staging.commit(profile);
    return { requests: proxy.requests.length };
  }
});
