import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FaultProxy, type SqldServer, startProxy, startSqld } from '@switchyard/sqld';
import { DocumentStore, type Mutation, type StorageBackend } from '@switchyard/storage-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connect } from './support/connect.js';
import { describeWithSqld } from './support/sqld.js';
import { chunk, fastify, page } from './support/store.js';

const guide = join(import.meta.dirname, '../../../docs/guides/external-database.md');
const DIMENSION = 384;

function expectInGuide(what: string, requests: number): void {
  const row = readFileSync(guide, 'utf8')
    .split('\n')
    .find((line) => line.startsWith(`| ${what} |`));
  expect(row, 'the table in docs/guides/external-database.md').toBe(`| ${what} | ${requests} |`);
}

describeWithSqld('requests to the server', () => {
  let server: SqldServer;
  let proxy: FaultProxy;
  let store: StorageBackend;
  let documents: DocumentStore;
  beforeAll(async () => {
    server = await startSqld();
    proxy = await startProxy(server.url);
    // Without vectors that are fetched in the background, at any time.
    store = connect(`${proxy.url}?vectorCacheMiB=0`);
    await store.open();
    await store.vectors.reconcile({ model: 'a:b', dimension: DIMENSION }, 'refuse');
    documents = await DocumentStore.open({ backend: store });
    for (let round = 0; round < 2; round++) {
      await store.apply([pageOf('/small', 7), pageOf('/other', 7)]);
      await store.candidates?.(search);
    }
  });
  afterAll(async () => {
    await store.close();
    await proxy.stop();
    await server.stop();
  });

  const vector = (seed: number) =>
    Float32Array.from({ length: DIMENSION }, (_, i) => Math.sin(seed * 3.7 + i * 0.11));
  const pageOf = (url: string, chunks: number) =>
    page(
      url,
      Array.from({ length: chunks }, (_, i) => chunk(`zebra and okapi ${i}`, { vector: vector(i) })),
    );
  const context = { parent: true, children: 5, precedingSiblings: 2, subsequentSiblings: 2 };
  const search = {
    versions: [fastify],
    vector: { values: vector(0.5), limit: 100 },
    fts: { terms: ['zebra', 'okapi'], limit: 10 },
    fusion: { limit: 5 },
  };

  /** A version of a library that is removed. */
  const gone = (version: number) => ({ library: 'gone', version: `${version}.0.0` });

  /** The second of two: the first time a statement is used on a connection, its preparation is one request more. */
  async function requestsOf(call: () => Promise<unknown>): Promise<number> {
    await call();
    proxy.reset();
    await call();
    return proxy.requests.length;
  }

  const operations: readonly (readonly [string, () => Promise<unknown>, number])[] = [
    [
      'a search through `DocumentStore`',
      () => documents.search('fastify', '5.6.0', 'zebra okapi', { vector: vector(0.5), limit: 5 }),
      1,
    ],
    ['a hybrid search', async () => store.candidates?.(search), 1],
    [
      'the nearest vectors',
      () => store.vectors.nearest({ version: fastify, vector: vector(1), limit: 10 }),
      1,
    ],
    [
      'a search with a filter',
      () =>
        documents.search('fastify', '5.6.0', 'zebra okapi', {
          vector: vector(0.5),
          filter: { types: ['text'], urlPrefix: '/' },
        }),
      1,
    ],
    [
      'a search in three versions',
      () =>
        documents.searchVersions(
          ['5.6.0', '4.0.0', '3.0.0'].map((version) => ({ library: 'fastify', version })),
          'zebra okapi',
          { vector: vector(0.5) },
        ),
      1,
    ],
    [
      'a full-text search through `DocumentStore`',
      () => documents.search('fastify', '5.6.0', 'zebra okapi'),
      1,
    ],
    ['a full-text search', () => store.fts.match({ version: fastify, terms: ['zebra'], limit: 5 }), 1],
    ['chunks by id', () => store.catalog.chunks([1, 2, 3]), 1],
    ['chunks by id of a version', () => store.catalog.chunks([1, 2, 3], fastify), 1],
    [
      'the relatives of five chunks',
      () => store.catalog.relatives({ ...context, chunkIds: [1, 2, 3, 8, 9], version: fastify }),
      1,
    ],
    [
      'a search with the context of its hits',
      () => documents.search('fastify', '5.6.0', 'zebra okapi', { vector: vector(0.5), context }),
      1,
    ],
    [
      'a full-text search with the context of its hits',
      () => documents.search('fastify', '5.6.0', 'zebra okapi', { context }),
      1,
    ],
    ['replacing a page of 7 chunks', () => store.apply([pageOf('/small', 7)]), 1],
    ['replacing a page of 1,000 chunks', () => store.apply([pageOf('/large', 1_000)]), 1],
    ['replacing 40 pages', () => store.apply(Array.from({ length: 40 }, (_, i) => pageOf(`/p${i}`, 7))), 1],
    ['the libraries', () => store.catalog.libraries(), 1],
    ['the overview', () => store.catalog.overview(), 1],
    ['a version by name', () => store.catalog.version(fastify), 2],
    ['the chunks of a page by URL', () => store.catalog.chunksByUrl(fastify, '/small'), 3],
    ['the embedding profile', () => store.vectors.profile(), 1],
    [
      'setting a status',
      () => store.apply([{ kind: 'setVersionStatus', version: fastify, status: 'running' }]),
      8,
    ],
    ['reading 100 whole pages', () => store.catalog.snapshot({ version: fastify, limit: 100 }), 14],
    ['optimizing', async () => store.optimize?.(), 1],
  ];

  it.each(operations)('%s', async (what, call, expected) => {
    expect(await requestsOf(call)).toBe(expected);
    expectInGuide(what, expected);
  });

  it.each([
    ['removing a version', (): Mutation => ({ kind: 'removeVersion', version: gone(0) }), 2],
    [
      'removing a library of any number of versions',
      (): Mutation => ({ kind: 'removeLibrary', library: gone(0) }),
      2,
    ],
    [
      'deleting pages by a filter',
      (): Mutation => ({ kind: 'deletePages', version: gone(0), filter: { urlPrefix: '/' } }),
      2,
    ],
  ])('%s', async (what, mutation, expected) => {
    for (let round = 0; round < 2; round++) {
      for (let version = 0; version < 3; version++) {
        const page = pageOf('/small', 7);
        await store.apply([{ ...page, version: gone(version) }]);
      }
      proxy.reset();
      await store.apply([mutation()]);
    }
    expect(proxy.requests.length).toBe(expected);
    expectInGuide(what, expected);
  });

  it('a search that embeds asks once if the version has vectors, and each time in one that has none', async () => {
    let embedded = 0;
    const embedder = {
      model: 'a:b',
      dimension: DIMENSION,
      available: true,
      embed: async (texts: readonly string[]) => {
        embedded += texts.length;
        return texts.map(() => vector(0.5));
      },
    };
    const own = await DocumentStore.open({ backend: store, embedder });
    const search = (version: string) => own.search('fastify', version, 'zebra okapi');
    const requests: number[] = [];
    for (const version of ['9.9.9', '9.9.9', '9.9.9', '5.6.0', '5.6.0', '5.6.0']) {
      proxy.reset();
      await search(version);
      requests.push(proxy.requests.length);
    }
    // The first two prepare their statements.
    expect(requests.slice(1)).toEqual([2, 2, 2, 1, 1]);
    expect(embedded).toBe(3);
  });

  it('opening a store, and creating one in an empty database', async () => {
    const open = async (url: string) => {
      const other = connect(url);
      proxy.reset();
      await other.open();
      const requests = proxy.requests.length;
      await other.close();
      return requests;
    };
    expect(await open(proxy.url)).toBe(2);
    expectInGuide('opening a store', 2);
    const empty = await startSqld();
    const before = await startProxy(empty.url);
    try {
      const first = connect(before.url);
      await first.open();
      await first.migrator.migrate();
      // The last two make sure that the server shows the schema: it may be a replica of another.
      expect(before.requests.length).toBe(12);
      await first.close();
    } finally {
      await before.stop();
      await empty.stop();
    }
    expectInGuide('creating a store in an empty database', 10);
  });

  it('a hybrid search includes its rows, and the response is small', async () => {
    const found = await store.candidates?.(search);
    expect(found?.rows).toHaveLength(5);
    expect(found?.vector).toHaveLength(100);
    expect(found?.fts).toHaveLength(10);
  });
});
