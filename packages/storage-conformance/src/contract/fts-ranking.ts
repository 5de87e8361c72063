import assert from 'node:assert/strict';
import type { StorageBackend } from '@switchyard/storage-core';
import type { FtsHit, FtsQuery } from '@switchyard/storage-core/backend';
import { MemoryBackend } from '../memory/index.js';
import type { TestContext } from '../suite/context.js';
import { contractGroup } from '../suite/contract-test.js';
import { chunk, fastify, replacePage, under } from '../support/build.js';
import { assertBestFirst, match } from '../support/find-fts.js';

/** Searches of one and several words, phrases, frequent and rare words, and words that nothing has. */
const searches: readonly (readonly string[])[] = [
  ['zebra'],
  ['okapi'],
  ['zebra', 'okapi'],
  ['route handler'],
  ['route', 'handler', 'zebra'],
  ['guide'],
  ['page', 'quagga'],
  ['giraffe'],
];

const topics = ['zebra', 'zebra and okapi', 'route handler', 'handler of a route'];

/** Writes 24 chunks, some of them alike, on three pages; the first one is the best match of its word, and structural. */
const pages = ['/a', '/b', '/c'].map((url, p) =>
  replacePage(
    fastify,
    { url, title: `Page ${p} of zebra`, createdAt: '2024-01-01 00:00:00', updatedAt: '2024-01-01 00:00:00' },
    Array.from({ length: 8 }, (_, i) =>
      chunk(p + i === 0 ? 'zebra zebra zebra' : `${topics[i % 4]}${' quagga'.repeat((p + i) % 3)}`, {
        metadata: under(i % 2 === 0 ? ['Guide'] : [], i === 5 || p + i === 0 ? ['structural'] : ['text']),
      }),
    ),
  ),
);

async function prepared(t: TestContext): Promise<StorageBackend> {
  const backend = await t.open();
  await backend.apply(pages);
  return backend;
}

const ids = (hits: readonly FtsHit[]) => new Set(hits.map(({ chunkId }) => chunkId));

export const ftsRankingTests = contractGroup(
  'fts-ranking',
  [
    [
      'members',
      'whatever the ranking, the same chunks match as in the reference backend, with any weights',
      async (t) => {
        const backend = await prepared(t);
        const reference = new MemoryBackend();
        await reference.open();
        await reference.apply(pages);
        const places = async (store: StorageBackend, hits: readonly FtsHit[]) => {
          const rows = await store.catalog.chunks(hits.map(({ chunkId }) => chunkId));
          return new Set(rows.map(({ url, sortOrder }) => `${url} ${sortOrder}`));
        };
        for (const terms of searches) {
          const expected = await places(reference, await match(reference, terms));
          for (const content of [10, 0]) {
            const weights = { content, title: 0, url: 1, path: 0 };
            const hits = await match(backend, terms, content === 10 ? {} : { weights });
            assert.deepEqual(await places(backend, hits), expected, terms.join(' '));
          }
        }
        await reference.close();
      },
    ],
    [
      'best-first',
      'hits are listed once, with finite scores, the best first and equal ones by id',
      async (t) => {
        const backend = await prepared(t);
        for (const terms of searches) {
          for (const limit of [1, 5, 99])
            assertBestFirst(await match(backend, terms, { limit }), terms.join(' '));
        }
      },
    ],
    [
      'limits',
      'a limit cuts the list of all matches: no limit changes the order or the scores',
      async (t) => {
        const backend = await prepared(t);
        for (const terms of searches) {
          const all = await match(backend, terms);
          for (const limit of [0, 1, 2, 3, 7, 16, all.length, Number.MAX_SAFE_INTEGER]) {
            assert.deepEqual(
              await match(backend, terms, { limit }),
              all.slice(0, limit),
              `${terms.join(' ')}, limit ${limit}`,
            );
          }
        }
      },
    ],
    [
      'repeatable',
      'the same search gives the same hits in the same order with the same scores, whatever was asked in between',
      async (t) => {
        const backend = await prepared(t);
        const ask = (more: Partial<FtsQuery> = {}) =>
          Promise.all(searches.map((terms) => match(backend, terms, { limit: 9, ...more })));
        const first = await ask();
        await ask({ limit: 2 });
        await ask({ excludeStructural: true, weights: { content: 1, title: 9, url: 1, path: 9 } });
        assert.deepEqual(await ask(), first);
      },
    ],
    [
      'without-structural',
      'structural chunks are left out of the same list: the others keep their order and their scores',
      async (t) => {
        const backend = await prepared(t);
        for (const terms of searches) {
          const all = await match(backend, terms);
          const rows = await backend.catalog.chunks(all.map(({ chunkId }) => chunkId));
          const structural = new Set(
            rows.filter(({ metadata }) => metadata.types.includes('structural')).map(({ id }) => id),
          );
          const rest = all.filter(({ chunkId }) => !structural.has(chunkId));
          for (const limit of [1, 4, 99]) {
            const hits = await match(backend, terms, { limit, excludeStructural: true });
            assert.deepEqual(hits, rest.slice(0, limit), `${terms.join(' ')}, limit ${limit}`);
          }
        }
      },
    ],
    [
      'other-versions',
      'pages of another version, and pages that were replaced or deleted, change no membership',
      async (t) => {
        const backend = await prepared(t);
        const ask = () => Promise.all(searches.map(async (terms) => ids(await match(backend, terms))));
        const before = await ask();
        const other = { library: 'pino', version: '' };
        for (const content of ['zebra okapi route handler', 'nothing of that']) {
          const chunks = Array.from({ length: 9 }, () => chunk(content));
          await backend.apply([replacePage(other, '/a', chunks), replacePage(fastify, '/new', chunks)]);
          await backend.apply([{ kind: 'deletePage', page: { version: fastify, url: '/new' } }]);
          assert.deepEqual(await ask(), before, content);
        }
      },
    ],
  ],
  { capability: 'fts' },
);
