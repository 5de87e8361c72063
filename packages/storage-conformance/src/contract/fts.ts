import assert from 'node:assert/strict';
import type { FtsHit } from '@switchyard/storage-core/backend';
import { contractGroup } from '../suite/contract-test.js';
import { rejectsAsMistake } from '../support/assertions.js';
import { chunk, fastify, replacePage, under, write } from '../support/build.js';
import { ranksAsFts5 } from '../support/declared.js';
import { assertBestFirst, found, match } from '../support/find-fts.js';

const maintained = { capability: 'ftsMaintenance' } as const;

const idsOf = (hits: readonly FtsHit[]): number[] => hits.map(({ chunkId }) => chunkId);

export const ftsTests = contractGroup(
  'fts',
  [
    [
      'one-term',
      'a single term finds the chunks that contain it and no others',
      async (t) => {
        const backend = await t.open();
        await write(backend, fastify, '/a', [
          chunk('a zebra here'),
          chunk('nothing'),
          chunk('zebrafish'),
          chunk('the zebra'),
        ]);
        assert.deepEqual(new Set(await found(backend, 'zebra')), new Set(['a zebra here', 'the zebra']));
        assert.deepEqual(await found(backend, 'giraffe'), []);
      },
    ],
    [
      'any-of-several',
      'several terms find the chunks that contain any of them',
      async (t) => {
        const backend = await t.open();
        await write(backend, fastify, '/a', [
          chunk('zebra'),
          chunk('okapi'),
          chunk('quagga'),
          chunk('okapi and zebra'),
        ]);
        const hits = await found(backend, 'zebra', 'okapi');
        assert.deepEqual(new Set(hits), new Set(['zebra', 'okapi', 'okapi and zebra']));
      },
    ],
    [
      'phrase-first',
      'a chunk that contains all terms as a phrase ranks above one that contains them apart',
      async (t) => {
        const backend = await t.open();
        await write(backend, fastify, '/a', [
          chunk('the handler of a route'),
          chunk('the route handler is'),
          chunk('nothing of that at all'),
          chunk('nothing of that either'),
          chunk('and nothing here too'),
        ]);
        assert.deepEqual(await found(backend, 'route', 'handler'), [
          'the route handler is',
          'the handler of a route',
        ]);
      },
      { ranking: 'fts5-bm25' },
    ],
    [
      'one-version-only',
      'only chunks of the version are found, and they fill the limit',
      async (t) => {
        const backend = await t.open();
        const { chunkIds } = await write(backend, fastify, '/a', [
          chunk('a zebra among many other words'),
          chunk('one more zebra'),
        ]);
        for (const version of [
          { library: 'fastify', version: '4' },
          { library: 'pino', version: '5.6.0' },
        ]) {
          await write(
            backend,
            version,
            '/a',
            Array.from({ length: 20 }, () => chunk('zebra zebra')),
          );
        }
        assert.deepEqual(new Set(idsOf(await match(backend, ['zebra'], { limit: 2 }))), new Set(chunkIds));
        assert.deepEqual(
          await match(backend, ['zebra'], { version: { library: 'fastify', version: '9' } }),
          [],
        );
      },
    ],
    [
      'given-by-id',
      'a version given by id is searched like one given by names',
      async (t) => {
        const backend = await t.open();
        const { versionId, chunkIds } = await write(backend, fastify, '/a', [chunk('zebra')]);
        assert.deepEqual(idsOf(await match(backend, ['zebra'], { version: { versionId } })), chunkIds);
      },
    ],
    [
      'ties-at-the-limit',
      'ties are ordered by chunk id, also at the limit',
      async (t) => {
        const backend = await t.open();
        const ids: number[] = [];
        for (const url of ['/c', '/a', '/b']) {
          ids.push(
            ...(
              await write(
                backend,
                fastify,
                url,
                Array.from({ length: 8 }, () => chunk('zebra here')),
              )
            ).chunkIds,
          );
        }
        await write(backend, fastify, '/best', [chunk('quagga')]);
        ids.sort((a, b) => a - b);
        for (const limit of [1, 3, 8, 20, 24]) {
          const hits = await match(backend, ['zebra'], { limit });
          assertBestFirst(hits, `limit ${limit}`);
          if (!ranksAsFts5(backend)) continue;
          assert.deepEqual(idsOf(hits), ids.slice(0, limit), `limit ${limit}`);
          assert.equal(new Set(hits.map(({ score }) => score)).size, 1);
        }
      },
    ],
    [
      'ties-with-given-ids',
      'ties are ordered by chunk id even if the ids were assigned in descending order',
      async (t) => {
        const backend = await t.open();
        await write(
          backend,
          fastify,
          '/a',
          [90, 70, 80, 10, 60].map((id) => chunk('zebra', { id })),
        );
        const hits = await match(backend, ['zebra'], { limit: 3 });
        assertBestFirst(hits, 'limit 3');
        if (ranksAsFts5(backend)) assert.deepEqual(idsOf(hits), [10, 60, 70]);
      },
      { capability: 'assignedIds' },
    ],
    [
      'limits',
      'a limit of 0 returns nothing, 1 the best hit, and a limit beyond the number of hits everything',
      async (t) => {
        const backend = await t.open();
        await write(backend, fastify, '/a', [
          chunk('zebra and a few other words'),
          chunk('zebra zebra'),
          chunk('nothing'),
        ]);
        const all = idsOf(await match(backend, ['zebra']));
        assert.equal(all.length, 2);
        for (const limit of [0, 1, 2, 3, 1000, 2 ** 31, Number.MAX_SAFE_INTEGER]) {
          assert.deepEqual(
            idsOf(await match(backend, ['zebra'], { limit })),
            all.slice(0, limit),
            `limit ${limit}`,
          );
        }
      },
    ],
    [
      'bad-queries',
      'a limit that is not a non-negative integer, or a weight that is not finite, is a TypeError',
      async (t) => {
        const backend = await t.open();
        for (const limit of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
          await rejectsAsMistake(() => match(backend, ['a'], { limit }), `limit ${limit}`);
        }
        for (const title of [Number.NaN, Number.POSITIVE_INFINITY]) {
          const weights = { content: 1, title, url: 1, path: 1 };
          await rejectsAsMistake(() => match(backend, ['a'], { weights }), `weight ${title}`);
        }
      },
    ],
    [
      'exclude-structural',
      'structural chunks are excluded before the limit is applied if requested, and found by default',
      async (t) => {
        const backend = await t.open();
        const structural = under([], ['heading', 'structural']);
        const { chunkIds } = await write(backend, fastify, '/a', [
          chunk('zebra zebra zebra', { metadata: structural }),
          chunk('zebra zebra', { metadata: structural }),
          chunk('zebra in a longer text', { metadata: under(['Structural'], ['text']) }),
          chunk('zebra in an even longer text', {
            metadata: { ...under([], ['unstructural']), note: 'structural' },
          }),
        ]);
        const all = await match(backend, ['zebra'], { excludeStructural: false });
        assert.equal(all.length, 4);
        if (ranksAsFts5(backend)) assert.deepEqual(idsOf(all), chunkIds);
        assert.deepEqual(await match(backend, ['zebra'], { limit: 2 }), all.slice(0, 2));
        const rest = all.filter(({ chunkId }) => chunkIds.indexOf(chunkId) >= 2);
        for (const limit of [1, 2, 99]) {
          assert.deepEqual(
            await match(backend, ['zebra'], { limit, excludeStructural: true }),
            rest.slice(0, limit),
            `limit ${limit}`,
          );
        }
      },
    ],
    [
      'rebuild',
      'rebuilding the full-text index does not change any result',
      async (t) => {
        const backend = await t.open();
        await write(backend, fastify, { url: '/a', title: 'Zebra' }, [
          chunk('zebra'),
          chunk('okapi', { metadata: under(['Zebra']) }),
        ]);
        await write(backend, fastify, '/gone', [chunk('zebra')]);
        await backend.apply([{ kind: 'deletePage', page: { version: fastify, url: '/gone' } }]);
        const before = await match(backend, ['zebra', 'okapi']);
        await backend.fts.rebuild();
        const after = await match(backend, ['zebra', 'okapi']);
        assert.deepEqual(new Set(idsOf(after)), new Set(idsOf(before)));
        // The statistics of another engine may count deleted chunks until then.
        if (ranksAsFts5(backend)) assert.deepEqual(after, before);
      },
      maintained,
    ],
    [
      'audit',
      'the audit of a sound store checks every chunk and finds no problem, after every kind of write',
      async (t) => {
        const backend = await t.open();
        await write(backend, fastify, { url: '/a', title: 'Zebra' }, [chunk('zebra'), chunk('')]);
        await backend.apply([
          replacePage(fastify, { url: '/a', title: 'Okapi' }, [chunk('okapi'), chunk('quagga')]),
          replacePage({ library: 'pino', version: '' }, '/b', [chunk('zebra')]),
          { kind: 'deletePages', version: { library: 'pino', version: '' } },
        ]);
        const { checked, problems } = await backend.fts.audit();
        assert.deepEqual(problems, []);
        assert.equal(checked, 2, 'every chunk counts');
      },
      maintained,
    ],
  ],
  { capability: 'fts' },
);
