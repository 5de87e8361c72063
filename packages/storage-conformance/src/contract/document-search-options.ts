import assert from 'node:assert/strict';
import { DocumentStore, type Embedder, type SearchHit, type SearchOptions } from '@switchyard/storage-core';
import type { TestContext } from '../suite/context.js';
import { contractGroup } from '../suite/contract-test.js';
import { assertClose, rejectsAsMistake } from '../support/assertions.js';
import { under } from '../support/build.js';
import { ranksAsFts5 } from '../support/declared.js';
import { letterEmbedder } from '../support/embedder.js';

const versions = [
  { library: 'fastify', version: '5' },
  { library: 'fastify', version: '4' },
  { library: 'pino', version: '' },
];
const topics = ['zebra and okapi', 'route handler', 'hooks and plugins', 'logging', 'the zebra route'];

/** Counts calls of an embedder. */
interface Counted {
  readonly embedder: Embedder;
  queries: number;
}

function counted(inner: Embedder): Counted {
  const { model, available, dimension, limits } = inner;
  const count: Counted = {
    queries: 0,
    embedder: {
      model,
      available,
      dimension,
      limits,
      embed: (texts, options) => inner.embed(texts, options),
      embedQuery: async (text, options) => {
        count.queries += 1;
        if (inner.embedQuery !== undefined) return inner.embedQuery(text, options);
        return (await inner.embed([text], options))[0] as Float32Array;
      },
    },
  };
  return count;
}

interface Filled extends Counted {
  readonly store: DocumentStore;
}

/** Opens a store with three versions, and one called `together` that has the chunks of all. */
async function filled(t: TestContext): Promise<Filled> {
  const { backend } = await t.create();
  const count = counted(t.options.embedder ?? letterEmbedder());
  const store = await DocumentStore.open({ backend, embedder: count.embedder });
  const pages = Array.from({ length: 9 }, (_, p) => ({
    version: versions[p % 3] ?? { library: 'fastify', version: '5' },
    page: {
      url: `https://example.org/${p % 2 === 0 ? 'docs' : 'Docs'}/${p}`,
      title: `Page ${p}`,
      chunks: topics.map((topic, i) => ({
        content: `${topic} ${'and more '.repeat((p * i) % 4)}`,
        metadata: under(
          [p % 2 === 0 ? 'Guide' : 'Reference', topic],
          i === 1 ? ['structural'] : [i % 2 === 0 ? 'text' : 'code'],
        ),
      })),
    },
  }));
  for (const { library, version } of versions) {
    const own = pages.filter((page) => page.version.library === library && page.version.version === version);
    await store.addPages(
      library,
      version,
      own.map(({ page }) => page),
    );
  }
  const inOrder = versions.flatMap(({ library, version }) =>
    pages.filter((page) => page.version.library === library && page.version.version === version),
  );
  await store.addPages(
    'together',
    '1',
    inOrder.map(({ page }) => page),
  );
  return Object.assign(count, { store });
}

const shape = ({ url, content, score, vecRank, ftsRank, ftsScore }: SearchHit) => ({
  url,
  content,
  score,
  vecRank,
  ftsRank,
  ftsScore,
});

export const documentSearchOptionTests = contractGroup('search-options', [
  [
    'several-versions',
    'a search in several versions ranks as in one version with all their chunks, embeds once, and names the version of each hit',
    async (t) => {
      const filledStore = await filled(t);
      const { store } = filledStore;
      for (const options of [
        {},
        { limit: 1 },
        { limit: 12 },
        { limit: 7, fusion: 'tuned' },
      ] satisfies SearchOptions[]) {
        for (const text of ['zebra route', 'logging', '"route handler" plugins']) {
          const what = `${text} ${JSON.stringify(options)}`;
          const expected = await store.search('together', '1', text, options);
          const before = filledStore.queries;
          const hits = await store.searchVersions(
            [...versions, { library: 'FASTIFY', version: '5' }, { library: 'nope', version: '1' }],
            text,
            options,
          );
          assert.equal(filledStore.queries, before + 1, what);
          if (!ranksAsFts5(store.backend)) {
            assert.equal(hits.length, expected.length, what);
            continue;
          }
          assert.deepEqual(hits.map(shape), expected.map(shape), what);
          for (const [index, { distance }] of hits.entries()) {
            const other = expected[index]?.distance;
            if (distance === undefined || other === undefined) assert.equal(distance, other, what);
            else assertClose(distance, other, 1e-5, what);
          }
          for (const { library, version, versionId } of hits) {
            assert.equal((await store.version(library, version))?.id, versionId, what);
          }
        }
      }
      assert.deepEqual(await store.searchVersions([], 'zebra'), []);
      assert.deepEqual(await store.searchVersions([{ library: 'nope', version: '1' }], 'zebra'), []);
    },
    { capability: 'vectors' },
    { capability: 'fts' },
  ],
  [
    'several-versions-without-embedder',
    'without an embedder, too, several versions rank as one',
    async (t) => {
      const { store } = await filled(t);
      await store.close();
      const { backend } = store;
      if (!backend.capabilities.persistent) return;
      const plain = await DocumentStore.open({ backend });
      const hits = await plain.searchVersions(versions, 'zebra route', { limit: 9 });
      const expected = await plain.search('together', '1', 'zebra route', { limit: 9 });
      assert.equal(hits.length, 9);
      if (ranksAsFts5(backend)) assert.deepEqual(hits.map(shape), expected.map(shape));
      assert.ok(hits.every(({ vecRank, score, ftsScore }) => vecRank === undefined && score === ftsScore));
    },
    { capability: 'fts' },
  ],
  [
    'filter',
    'a filter applies before the limit, in one version and in several',
    async (t) => {
      const { store } = await filled(t);
      const filter = { types: ['code'], pathPrefix: ['Reference'], urlPrefix: 'https://example.org/Docs/' };
      const hits = await store.searchVersions(versions, 'zebra route logging', { filter, limit: 50 });
      assert.equal(hits.length, 4);
      assert.ok(hits.every(({ metadata, url }) => metadata.types.includes('code') && url.includes('/Docs/')));
      for (const limit of [1, 3]) {
        const first = await store.searchVersions(versions, 'zebra route logging', { filter, limit });
        assert.equal(first.length, limit);
        const together = await store.search('together', '1', 'zebra route logging', { filter, limit });
        if (ranksAsFts5(store.backend)) assert.deepEqual(first.map(shape), together.map(shape));
      }
      const none = { ...filter, urlPrefix: 'https://example.org/docs/' };
      assert.deepEqual(await store.search('fastify', '5', 'zebra', { filter: none }), []);
      await rejectsAsMistake(
        () => store.search('fastify', '5', 'zebra', { filter: { types: [] } }),
        'no types',
      );
    },
    { capability: 'vectors' },
    { capability: 'fts' },
  ],
  [
    'embeds-nothing-in-vain',
    'no text is embedded for an unknown version or one without vectors, and one that gets vectors later is searched by them',
    async (t) => {
      const filledStore = await filled(t);
      const { store } = filledStore;
      const page = { url: '/late', chunks: [{ content: 'a late zebra', metadata: under(['Late']) }] };
      const find = () => store.search('late', '1', 'zebra');
      for (let time = 0; time < 2; time++) assert.deepEqual(await find(), []);
      await store.resolveVersion('late', '1');
      assert.deepEqual(await find(), []);
      await store.backend.apply([
        {
          kind: 'replacePage',
          version: { library: 'late', version: '1' },
          page: { url: '/words' },
          chunks: [{ content: 'a zebra in words only', metadata: under([]), vector: null }],
        },
      ]);
      assert.equal((await find()).length, 1);
      assert.equal((await store.searchVersions([{ library: 'late', version: '1' }], 'zebra')).length, 1);
      assert.deepEqual(await store.search('late', '1', ' '), []);
      assert.equal(filledStore.queries, 0);
      await store.addPage('late', '1', page);
      const hits = await find();
      assert.equal(hits.length, 2);
      assert.ok(hits.some(({ distance }) => distance !== undefined));
      assert.equal(filledStore.queries, 1);
      await find();
      assert.equal(filledStore.queries, 2);
      await store.removeVersion('late', '1');
      // What a version had is known; that it is gone is noticed by a search.
      for (let time = 0; time < 3; time++) assert.deepEqual(await find(), []);
      assert.ok(filledStore.queries <= 3, `${filledStore.queries} queries`);
    },
    { capability: 'vectors' },
    { capability: 'fts' },
  ],
  [
    'rerank',
    'a reranker gets more hits than the limit, and its order and choice are returned, with context and snippets',
    async (t) => {
      const { store } = await filled(t);
      const given: string[][] = [];
      const rerank: SearchOptions['rerank'] = (query, hits) => {
        given.push([query, ...hits.map(({ id }) => id)]);
        return hits.toReversed().slice(1);
      };
      const pool = await store.search('fastify', '5', 'zebra route', { limit: 8 });
      const options = { limit: 2, rerank, context: { parent: true }, snippet: true };
      const hits = await store.search('fastify', '5', 'zebra route', options);
      assert.deepEqual(given, [['zebra route', ...pool.map(({ id }) => id)]]);
      const wanted = pool.toReversed().slice(1, 3);
      assert.deepEqual(
        hits.map(({ context: _, snippet: __, ...hit }) => hit),
        wanted,
      );
      assert.ok(hits.every(({ context, snippet }) => context !== undefined && snippet !== undefined));
      await store.search('fastify', '5', 'zebra', { limit: 1, rerank, rerankFrom: 3 });
      assert.equal(given[1]?.length, 4);
      assert.deepEqual(await store.search('fastify', '9', 'zebra', { rerank }), []);
      assert.equal(given.length, 2);
    },
    { capability: 'vectors' },
    { capability: 'fts' },
  ],
]);
