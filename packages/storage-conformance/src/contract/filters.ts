import assert from 'node:assert/strict';
import type { ChunkFilter, StorageBackend } from '@switchyard/storage-core';
import { fuse, isStructural, normalizeFilter, passesFilter } from '@switchyard/storage-core/backend';
import fc from 'fast-check';
import type { TestContext } from '../suite/context.js';
import { contractGroup } from '../suite/contract-test.js';
import { assertNear, rejectsAsMistake } from '../support/assertions.js';
import { chunk, fastify, under, vector, write } from '../support/build.js';
import { hasFts, hasVectors, ranksAsFts5 } from '../support/declared.js';

const declared = { capability: 'filters' } as const;
const ALL = Number.MAX_SAFE_INTEGER;
const query = vector(1, 0.5, 0, 0);

// Pairs that a wrong comparison confuses: of another case, with wildcards, of one text inside another.
const urls = [
  'https://a.example/docs/x_1',
  'https://a.example/docs/xy1',
  'https://a.example/docs/x%',
  'https://a.example/Docs/x_1',
  'https://a.example/docs',
  'https://a.exampleé/docs/*',
];
const typeLists = [['text'], ['code'], ['Code', 'text'], ['code', 'table'], ['structural', 'code'], []];
const paths = [
  [],
  ['Guide'],
  ['Guide', 'Start'],
  ['Guide', 'Start', 'Deep "quoted"'],
  ['guide', 'Start'],
  ['Guide/Start'],
  ['Gui', 'de'],
  ['Größe', 'a\0b', '😀'],
];
const words = ['zebra', 'okapi', 'zebra okapi', 'quagga'];

/** Fills a version with chunks of every kind, and another one with the same. */
async function prepared(t: TestContext): Promise<StorageBackend> {
  const backend = await t.open();
  for (const version of [fastify, { library: 'pino', version: '' }]) {
    for (const [page, url] of urls.entries()) {
      const chunks = paths.flatMap((path, i) =>
        typeLists.map((types, j) =>
          chunk(`${words[(page + i + j) % words.length]} ${'and more '.repeat((i * j) % 5)}`, {
            metadata: under(path, types),
            vector: (i + j) % 7 === 3 ? null : vector(page - i, j - 1, (page * i) % 3, 1),
          }),
        ),
      );
      await write(backend, version, { url, title: 'Page' }, chunks);
    }
  }
  return backend;
}

interface Asked {
  readonly filter: ChunkFilter;
  readonly limit: number;
}

/** Returns all hits of both lists that pass the filter, judged by the rows. */
async function bruteForce(backend: StorageBackend, filter: ChunkFilter) {
  const near = hasVectors(backend)
    ? await backend.vectors.nearest({ version: fastify, vector: query, limit: ALL })
    : [];
  const fts = hasFts(backend)
    ? await backend.fts.match({ version: fastify, terms: ['zebra', 'okapi'], limit: ALL })
    : [];
  const rows = await backend.catalog.chunks([...near, ...fts].map(({ chunkId }) => chunkId));
  const normal = normalizeFilter(filter);
  const passing = rows.filter((row) => normal === null || passesFilter(normal, row));
  const ids = new Set(passing.map(({ id }) => id));
  const structural = new Set(passing.filter(({ metadata }) => isStructural(metadata)).map(({ id }) => id));
  const keep = <Hit extends { readonly chunkId: number }>(hits: readonly Hit[]) =>
    hits.filter(({ chunkId }) => ids.has(chunkId));
  return { near: keep(near), fts: keep(fts), structural };
}

/** Asserts that every filtered search returns the first hits that pass. */
async function assertFiltered(backend: StorageBackend, { filter, limit }: Asked): Promise<void> {
  const what = JSON.stringify({ filter, limit });
  const { near, fts, structural } = await bruteForce(backend, filter);
  const terms = ['zebra', 'okapi'];
  const searches = { version: fastify, limit, filter };
  if (hasVectors(backend)) {
    assertNear(await backend.vectors.nearest({ ...searches, vector: query }), near.slice(0, limit), what);
  }
  if (!hasFts(backend)) return;
  assert.deepEqual(await backend.fts.match({ ...searches, terms }), fts.slice(0, limit), what);
  assert.deepEqual(
    await backend.fts.match({ ...searches, terms, excludeStructural: true }),
    fts.filter(({ chunkId }) => !structural.has(chunkId)).slice(0, limit),
    what,
  );
  if (backend.candidates === undefined || !backend.capabilities.candidates) return;
  const fusion = { limit: 3 };
  const found = await backend.candidates({
    versions: [fastify],
    filter,
    vector: { values: query, limit },
    fts: { terms, limit },
    fusion,
  });
  assertNear(found.vector, near.slice(0, limit), what);
  assert.deepEqual(found.fts, fts.slice(0, limit), what);
  const fused = fuse(found.vector, found.fts, structural).slice(0, 3);
  assert.deepEqual(found.fused, fused, what);
}

const prefixesOf = (url: string) =>
  fc.integer({ min: 0, max: url.length + 1 }).map((length) => `${url}!`.slice(0, length));

const anyFilter: fc.Arbitrary<ChunkFilter> = fc.record(
  {
    types: fc.uniqueArray(fc.constantFrom('text', 'code', 'Code', 'CODE', 'table', 'structural', 'co'), {
      minLength: 1,
      maxLength: 3,
    }),
    pathPrefix: fc
      .tuple(fc.constantFrom(...paths), fc.nat(4))
      .chain(([path, length]) =>
        fc.constantFrom(path.slice(0, length), [...path, 'more'], path.slice(0, length).reverse()),
      ),
    urlPrefix: fc.constantFrom(...urls, 'https://a.example/docs/x__', 'HTTPS://').chain(prefixesOf),
  },
  { requiredKeys: [] },
);

export const filterTests = contractGroup('filters', [
  [
    'types',
    'a filter by types keeps chunks with at least one of them, compared exactly',
    async (t) => {
      const backend = await prepared(t);
      for (const types of [['code'], ['Code'], ['table', 'text'], ['structural'], ['cod'], ['%']]) {
        for (const limit of [0, 1, 10, ALL]) await assertFiltered(backend, { filter: { types }, limit });
      }
    },
    declared,
  ],
  [
    'path-prefix',
    'a filter by path keeps chunks whose headings begin with it, element by element and compared exactly',
    async (t) => {
      const backend = await prepared(t);
      for (const pathPrefix of [...paths, ['Gui'], ['Guide', 'Star'], ['Start'], ['GUIDE']]) {
        for (const limit of [1, ALL]) await assertFiltered(backend, { filter: { pathPrefix }, limit });
      }
    },
    declared,
  ],
  [
    'url-prefix',
    'a filter by URL keeps chunks of pages whose URL begins with it, without wildcards and compared exactly',
    async (t) => {
      const backend = await prepared(t);
      for (const urlPrefix of [
        ...urls,
        'https://a.example/docs/x',
        'https://a.ex%',
        'https://a_',
        'HTTPS:',
        '*',
      ]) {
        for (const limit of [1, ALL]) await assertFiltered(backend, { filter: { urlPrefix }, limit });
      }
    },
    declared,
  ],
  [
    'before-the-limit',
    'the limit counts chunks that pass the filter, however many nearer or better ones do not',
    async (t) => {
      const backend = await t.open();
      const kinds = Array.from({ length: 300 }, (_, i) => (i < 295 ? 'text' : 'code'));
      const chunks = kinds.map((kind, i) =>
        chunk(`zebra ${'and more '.repeat(kind === 'code' ? 40 : 0)}`, {
          vector: vector(1, i, 0, 0),
          metadata: under([], [kind]),
        }),
      );
      const { chunkIds } = await write(backend, fastify, '/a', chunks);
      const rest = chunkIds.slice(295);
      const filter = { types: ['code'] };
      if (hasVectors(backend)) {
        const near = await backend.vectors.nearest({ version: fastify, vector: query, limit: 5, filter });
        assert.deepEqual(
          near.map(({ chunkId }) => chunkId),
          rest,
        );
      }
      if (!hasFts(backend)) return;
      const fts = await backend.fts.match({ version: fastify, terms: ['zebra'], limit: 5, filter });
      const ids = fts.map(({ chunkId }) => chunkId);
      assert.deepEqual(ranksAsFts5(backend) ? ids : ids.sort((a, b) => a - b), rest);
    },
    declared,
  ],
  [
    'no-restriction',
    'a filter without members, an empty path and an empty URL restrict nothing',
    async (t) => {
      const backend = await prepared(t);
      for (const filter of [{}, { pathPrefix: [] }, { urlPrefix: '' }, { types: undefined, urlPrefix: '' }]) {
        await assertFiltered(backend, { filter, limit: 9 });
      }
    },
    declared,
  ],
  [
    'like-brute-force',
    'for any filter and limit, every search returns the first hits of an unfiltered one that pass, with the same scores',
    async (t) => {
      const backend = await prepared(t);
      const limits = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constant(ALL));
      await t.check(fc.record({ filter: anyFilter, limit: limits }), (asked) =>
        assertFiltered(backend, asked),
      );
    },
    declared,
  ],
  [
    'after-writes',
    'a repeated search sees pages that were replaced, added or deleted since',
    async (t) => {
      const backend = await prepared(t);
      const filter = { types: ['code'], pathPrefix: ['Guide'] };
      const url = urls[0] ?? '';
      await assertFiltered(backend, { filter, limit: 20 });
      for (const types of [['text'], ['code'], ['text']]) {
        const one = chunk('zebra', { vector: query, metadata: under(['Guide'], types) });
        await write(backend, fastify, url, [one]);
        await assertFiltered(backend, { filter, limit: 20 });
        await assertFiltered(backend, { filter, limit: 20 });
      }
      await backend.apply([{ kind: 'deletePages', version: fastify }]);
      await assertFiltered(backend, { filter, limit: 20 });
    },
    declared,
  ],
  [
    'unknown-version',
    'a filtered search of an unknown version has no hits',
    async (t) => {
      const backend = await prepared(t);
      const search = { version: { library: 'nope', version: '1' }, limit: 5, filter: { types: ['text'] } };
      if (hasVectors(backend)) {
        assert.deepEqual(await backend.vectors.nearest({ ...search, vector: query }), []);
      }
      if (hasFts(backend)) assert.deepEqual(await backend.fts.match({ ...search, terms: ['zebra'] }), []);
    },
    declared,
  ],
  [
    'every-mode',
    'a filtered search is exact in every declared mode',
    async (t) => {
      const backend = await prepared(t);
      await backend.annIndexes?.build(fastify);
      const filter = { types: ['table'] };
      const { near } = await bruteForce(backend, filter);
      for (const mode of backend.capabilities.searchModes) {
        const search = { version: fastify, vector: query, limit: 10, mode, filter };
        assertNear(await backend.vectors.nearest(search), near.slice(0, 10), mode);
      }
    },
    declared,
    { capability: 'vectors' },
  ],
  [
    'mistakes',
    'a filter of the wrong shape, or with an empty list of types, is a TypeError',
    async (t) => {
      const backend = await prepared(t);
      const wrong = [null, 'code', { types: 'code' }, { types: [] }, { types: [1] }, { pathPrefix: 'Guide' }];
      for (const filter of [...wrong, { pathPrefix: [null] }, { urlPrefix: 7 }] as ChunkFilter[]) {
        const what = JSON.stringify(filter);
        const search = { version: fastify, limit: 5, filter };
        if (hasVectors(backend)) {
          await rejectsAsMistake(() => backend.vectors.nearest({ ...search, vector: query }), what);
        }
        if (hasFts(backend)) {
          await rejectsAsMistake(() => backend.fts.match({ ...search, terms: ['zebra'] }), what);
        }
      }
    },
    declared,
  ],
]);
