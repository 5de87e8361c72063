import assert from 'node:assert/strict';
import {
  DocumentStore,
  type DocumentStoreOptions,
  embedQuery,
  parseSearchText,
  type SearchHit,
  type SearchOptions,
} from '@switchyard/storage-core';
import { fuse, isStructural, resolveFusion } from '@switchyard/storage-core/backend';
import type { TestContext } from '../suite/context.js';
import { contractGroup } from '../suite/contract-test.js';
import { anyText } from '../support/any-text.js';
import { assertClose, rejectsAsMistake } from '../support/assertions.js';
import { under } from '../support/build.js';
import { letterEmbedder } from '../support/embedder.js';

const topics = [
  'zebra and okapi',
  'route handler',
  'hooks and plugins',
  'logging with pino',
  'reply and request',
  'the zebra route',
];
const ref = { library: 'fastify', version: '5' };

/** Opens a store with some documents, with the embedder of the suite by default. */
async function filled(t: TestContext, options: Partial<DocumentStoreOptions> = {}): Promise<DocumentStore> {
  const { backend } = await t.create();
  const embedder = t.options.embedder ?? letterEmbedder();
  const store = await DocumentStore.open({ backend, embedder, ...options });
  for (const [library, version, pages] of [
    ['fastify', '5', 9],
    ['fastify', '4', 3],
    ['pino', '', 3],
  ] as const) {
    await store.addPages(
      library,
      version,
      Array.from({ length: pages }, (_, p) => ({
        url: `https://example.org/${library}/${p}`,
        title: `Page ${p}`,
        chunks: topics.map((topic, i) => ({
          content: `${topic} ${'and more '.repeat((p * i) % 4)}`,
          metadata: under([`Page ${p}`, topic], i === 1 ? ['structural'] : ['text']),
        })),
      })),
    );
  }
  return store;
}

/** Computes the expected hybrid hits (see BEHAVIOUR) from the two lists of the ports. */
async function expectedHits(
  store: DocumentStore,
  text: string,
  options: SearchOptions,
): Promise<readonly object[]> {
  const { limit = 5, overfetchFactor = 2, vectorMultiplier = 10, vector } = options;
  assert.ok(vector !== undefined);
  const overfetch = Math.max(1, Math.ceil(limit * overfetchFactor));
  const near = await store.backend.vectors.nearest({
    version: ref,
    vector,
    limit: overfetch * vectorMultiplier,
  });
  const ftsHits = await store.backend.fts.match({
    version: ref,
    terms: parseSearchText(text),
    limit: overfetch,
    weights: options.ftsWeights,
  });
  const rows = await store.backend.catalog.chunks([...near, ...ftsHits].map(({ chunkId }) => chunkId));
  const structural = new Set(rows.filter(({ metadata }) => isStructural(metadata)).map(({ id }) => id));
  return fuse(near, ftsHits, structural, resolveFusion(options.fusion))
    .slice(0, limit)
    .map(({ chunkId, ...ranking }) => ({
      id: String(chunkId),
      library: 'fastify',
      version: '5',
      ...ranking,
    }));
}

/** Returns what a search adds to a chunk. */
function rankingOf({ id, library, version, score, vecRank, ftsRank, distance, ftsScore }: SearchHit) {
  return { id, library, version, score, vecRank, ftsRank, distance, ftsScore };
}

function withoutAbsent(record: object): object {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}

async function queryVector(t: TestContext, text: string): Promise<Float32Array> {
  return embedQuery(t.options.embedder ?? letterEmbedder(), text);
}

export const documentSearchTests = contractGroup('search', [
  [
    'hybrid',
    'a hybrid search fuses both lists by rank, without structural chunks, for any limit and factors',
    async (t) => {
      const store = await filled(t);
      for (const text of [
        'zebra route',
        'logging',
        '"route handler" plugins',
        'nothing of this kind',
        'page',
      ]) {
        const vector = await queryVector(t, text);
        for (const options of [
          {},
          { limit: 1 },
          { limit: 3, overfetchFactor: 1, vectorMultiplier: 1 },
          { limit: 20 },
          { limit: 1_000 },
          { limit: 4, overfetchFactor: 0.1 },
          { limit: 4, fusion: { rule: 'reciprocal-rank' as const } },
          { limit: 4, fusion: { vectorWeight: 0.2, ftsWeight: 3 } },
          { limit: 4, fusion: 'tuned' as const },
          { limit: 4, ftsWeights: { content: 1, title: 9, url: 1, path: 9 } },
        ] satisfies SearchOptions[]) {
          const hits = await store.search('Fastify', '5', text, { ...options, vector });
          const what = `${text} ${JSON.stringify(options)}`;
          const expected = await expectedHits(store, text, { ...options, vector });
          assert.deepEqual(hits.map(rankingOf), expected, what);
          for (const hit of hits) {
            assert.ok(!isStructural(hit.metadata), what);
            assert.deepEqual({ ...(await store.chunk(hit.id)), ...withoutAbsent(rankingOf(hit)) }, hit);
          }
        }
      }
    },
    { capability: 'vectors' },
    { capability: 'fts' },
  ],
  [
    'embeds-the-text',
    'without a vector the text is embedded, and the hits are those of its vector',
    async (t) => {
      const store = await filled(t);
      const vector = await queryVector(t, 'zebra route');
      assert.deepEqual(
        await store.search('fastify', '5', 'zebra route'),
        await store.search('fastify', '5', 'zebra route', { vector }),
      );
    },
    { capability: 'vectors' },
    { capability: 'fts' },
  ],
  [
    'both-ranks',
    'every hit of a hybrid search has both ranks and the resulting score, descending, ties ordered by id',
    async (t) => {
      const store = await filled(t);
      const hits = await store.search('fastify', '5', 'zebra', { limit: 30 });
      assert.equal(hits.length, 30);
      for (const [i, { id, score, vecRank = Number.NaN, ftsRank = Number.NaN }] of hits.entries()) {
        assertClose(score, 1 / (60 + vecRank) + 1 / (60 + ftsRank), 1e-12, `hit ${i}`);
        const before = hits[i - 1];
        if (before !== undefined) {
          assert.ok(
            before.score > score || (before.score === score && Number(before.id) < Number(id)),
            `hit ${i}`,
          );
        }
      }
      const all = await store.search('fastify', '5', 'zebra', { limit: 1_000 });
      assert.deepEqual(await store.search('fastify', '5', 'zebra', { limit: Number.MAX_SAFE_INTEGER }), all);
    },
    { capability: 'vectors' },
    { capability: 'fts' },
  ],
  [
    'words-only',
    'without an embedder a search is full-text only: score −bm25, ftsRank from 1, no vecRank, no structural chunks',
    async (t) => {
      const { backend } = await filled(t);
      const store = await DocumentStore.open({ backend });
      for (const limit of [1, 5, 100]) {
        const hits = await store.search('fastify', '5', 'zebra route', { limit });
        const terms = ['zebra', 'route'];
        const expected = await backend.fts.match({ version: ref, terms, limit, excludeStructural: true });
        assert.deepEqual(
          hits.map(({ id, score }) => [Number(id), score]),
          expected.map(({ chunkId, score }) => [chunkId, score]),
        );
        assert.deepEqual(
          hits.map(({ ftsRank }) => ftsRank),
          expected.map((_, i) => i + 1),
        );
        for (const hit of hits) assert.ok(!('vecRank' in hit) && !isStructural(hit.metadata));
      }
    },
    { capability: 'fts' },
  ],
  [
    'blank-or-unknown',
    'blank text, an unknown library, an unknown version or a limit of 0 give no hits',
    async (t) => {
      const store = await filled(t);
      const withoutEmbedder = await DocumentStore.open({ backend: store.backend });
      for (const one of [store, withoutEmbedder]) {
        for (const text of ['', ' ', '\n\t ']) assert.deepEqual(await one.search('fastify', '5', text), []);
        assert.deepEqual(await one.search('unknown', '5', 'zebra'), []);
        assert.deepEqual(await one.search('fastify', '6', 'zebra'), []);
        assert.deepEqual(await one.search('fastify', '', 'zebra'), []);
        assert.deepEqual(await one.search('fastify', '5', 'zebra', { limit: 0 }), []);
      }
    },
    { capability: 'fts' },
  ],
  [
    'bad-limits',
    'a limit that is not a non-negative integer is a TypeError',
    async (t) => {
      const store = await filled(t);
      for (const limit of [-1, 1.5, Number.NaN]) {
        await rejectsAsMistake(() => store.search('fastify', '5', 'zebra', { limit }), `limit ${limit}`);
      }
    },
  ],
  [
    'without-vectors',
    'a store filled without an embedder is searched by full text, and can be searched with an embedder later',
    async (t) => {
      const store = await filled(t, { embedder: undefined });
      assert.deepEqual((await store.backend.vectors.stats()).indexed, 0);
      assert.equal((await store.search('fastify', '5', 'zebra', { limit: 3 })).length, 3);
      const embedder = t.options.embedder ?? letterEmbedder();
      const later = await DocumentStore.open({ backend: store.backend, embedder });
      assert.equal((await later.search('fastify', '5', 'zebra', { limit: 3 })).length, 3);
    },
    { capability: 'fts' },
  ],
  [
    'anything-typed',
    'any text a person can type is searched without an error, hybrid and full-text',
    async (t) => {
      const store = await filled(t, { embedder: letterEmbedder() });
      const withoutEmbedder = await DocumentStore.open({ backend: store.backend });
      await t.check(anyText, async (text) => {
        for (const one of [store, withoutEmbedder]) {
          const hits = await one.search('fastify', '5', text, { limit: 3 });
          assert.ok(hits.length <= 3);
          for (const { score } of hits) assert.ok(Number.isFinite(score));
        }
      });
    },
    { capability: 'fts' },
  ],
]);
