import assert from 'node:assert/strict';
import { copyStore, type StorageBackend } from '@switchyard/storage-core';
import { MemoryBackend } from '../memory/index.js';
import type { TestContext } from '../suite/context.js';
import { contractGroup } from '../suite/contract-test.js';
import { withDeclaredVectors } from '../suite/without-vectors.js';
import { assertClose, rejectsAsMistake } from '../support/assertions.js';
import { chunk, fastify, replacePage, resolve, under, vector, write } from '../support/build.js';
import { hasFts, hasVectors, ranksAsFts5 } from '../support/declared.js';
import { dump } from '../support/dump.js';

const versions = [fastify, { library: 'fastify', version: '' }, { library: '文档', version: 'v1' }];

/** Creates a store with a bit of everything. */
async function fill(backend: StorageBackend): Promise<void> {
  for (const [v, version] of versions.entries()) {
    for (let page = 0; page < 5; page++) {
      await write(
        backend,
        version,
        {
          url: `/page-${page}`,
          title: page === 0 ? null : `Page ${page} of zebra`,
          depth: page,
          etag: `"${page}"`,
        },
        Array.from({ length: page }, (_, i) =>
          chunk(`zebra ${i} ${'okapi '.repeat(i)}`, {
            vector: i === 1 ? null : vector(Math.sin(i + v), Math.cos(page), 0.1 * i, v),
            metadata: under(['Guide', `Part ${i}`], i === 2 ? ['structural'] : ['text']),
          }),
        ),
      );
    }
  }
  await backend.apply([
    { kind: 'setVersionStatus', version: fastify, status: 'failed', errorMessage: 'no route' },
    { kind: 'setVersionProgress', version: fastify, pages: 4, maxPages: 5 },
    { kind: 'setScraperOptions', version: fastify, sourceUrl: 'https://fastify.dev', options: { depth: 3 } },
    { kind: 'deletePage', page: { version: fastify, url: '/page-3' } },
    replacePage(fastify, '/page-2', [chunk('quagga', { vector: vector(0, 0, 1, 0) })]),
    { kind: 'resolveVersion', library: 'empty', version: '1' },
  ]);
}

/** Asserts that both stores give the same hits: the same ids in the same order, and the same numbers except for rounding. */
async function assertSameSearches(a: StorageBackend, b: StorageBackend): Promise<void> {
  const sameRanking = ranksAsFts5(a) && ranksAsFts5(b);
  for (const version of versions) {
    for (const query of hasVectors(a) && hasVectors(b)
      ? [vector(1, 0, 0, 0), vector(0.3, -0.4, 0.5, 2)]
      : []) {
      const [near, others] = [
        await a.vectors.nearest({ version, vector: query, limit: 7 }),
        await b.vectors.nearest({ version, vector: query, limit: 7 }),
      ];
      assert.deepEqual(
        others.map(({ chunkId }) => chunkId),
        near.map(({ chunkId }) => chunkId),
      );
      for (const [i, hit] of near.entries())
        assertClose(others[i]?.distance ?? Number.NaN, hit.distance, 1e-5, 'distance');
    }
    if (!hasFts(a) || !hasFts(b)) continue;
    for (const terms of [['zebra'], ['okapi', 'quagga'], ['guide', 'part', '2']]) {
      if (!sameRanking) {
        const members = async (store: StorageBackend) =>
          new Set((await store.fts.match({ version, terms, limit: 999 })).map(({ chunkId }) => chunkId));
        assert.deepEqual(await members(b), await members(a), terms.join(' '));
        continue;
      }
      const [ftsHits, others] = [
        await a.fts.match({ version, terms, limit: 7 }),
        await b.fts.match({ version, terms, limit: 7 }),
      ];
      assert.deepEqual(
        others.map(({ chunkId }) => chunkId),
        ftsHits.map(({ chunkId }) => chunkId),
      );
      for (const [i, hit] of ftsHits.entries())
        assertClose(others[i]?.score ?? Number.NaN, hit.score, 1e-9, 'score');
    }
  }
}

async function copyAndCompare(from: StorageBackend, to: StorageBackend): Promise<void> {
  const copied = await copyStore(from, to, { pagesPerBatch: 2 });
  const { pagesUnchanged: _, vectorsUnusable, textsReplaced, ...result } = copied;
  const source = await dump(from);
  assert.deepEqual(await dump(to), source);
  const counts = (await from.inspect()).counts;
  assert.deepEqual(result, counts);
  assert.equal(textsReplaced, 0);
  assert.equal(vectorsUnusable, 0, 'a chunk without a vector is none whose vector cannot be used');
  await assertSameSearches(from, to);
}

/** Opens a reference store that is closed with the test. */
async function reference(
  tested: StorageBackend,
  work: (memory: StorageBackend) => Promise<void>,
): Promise<void> {
  const memory = withDeclaredVectors(new MemoryBackend({ capabilities: { vectors: hasVectors(tested) } }));
  await memory.open();
  try {
    await work(memory);
  } finally {
    await memory.close();
  }
}

async function filled(t: TestContext): Promise<StorageBackend> {
  const backend = await t.open();
  await fill(backend);
  return backend;
}

export const copyingTests = contractGroup('copying', [
  [
    'snapshot-pages',
    'snapshots are paged by page id, each page once and complete, with any limit',
    async (t) => {
      const backend = await filled(t);
      const ids = (await backend.catalog.pages(fastify)).map(({ id }) => id);
      for (const limit of [1, 2, 3, 4, 5, 100, Number.MAX_SAFE_INTEGER]) {
        const seen: number[] = [];
        let after: number | undefined;
        for (;;) {
          const pages = await backend.catalog.snapshot({ version: fastify, after, limit });
          assert.ok(pages.length <= limit, `${pages.length} pages for limit ${limit}`);
          if (pages.length === 0) break;
          seen.push(...pages.map(({ page }) => page.id));
          after = seen.at(-1);
        }
        assert.deepEqual(seen, ids, `limit ${limit}`);
      }
    },
  ],
  [
    'snapshot-content',
    'a snapshot contains the page and chunks as other reads return them, with their vectors',
    async (t) => {
      const backend = await filled(t);
      const version = { library: '文档', version: 'v1' };
      for (const { page, chunks } of await backend.catalog.snapshot({ version, limit: 99 })) {
        assert.deepEqual(page, await backend.catalog.page({ pageId: page.id }));
        const records = await backend.catalog.chunksByUrl(version, page.url);
        assert.equal(chunks.length, records.length);
        for (const [i, { vector: values, ...one }] of chunks.entries()) {
          const { id, content, metadata, sortOrder, createdAt } = records[i] as (typeof records)[number];
          assert.deepEqual(one, { id, content, metadata, sortOrder, createdAt });
          assert.equal(
            values instanceof Float32Array,
            hasVectors(backend) && i !== 1,
            'the second chunk of each page has no vector',
          );
        }
      }
    },
  ],
  [
    'snapshot-limits',
    'a snapshot limit that is not a positive integer is a TypeError',
    async (t) => {
      const { catalog } = await t.open();
      for (const limit of [0, -1, 1.5, Number.NaN]) {
        await rejectsAsMistake(() => catalog.snapshot({ version: fastify, limit }), `limit ${limit}`);
      }
    },
  ],
  [
    'to-the-reference',
    'a copy in the reference backend has the same snapshot, byte for byte, and the same hits',
    async (t) => {
      const backend = await filled(t);
      await reference(backend, (memory) => copyAndCompare(backend, memory));
    },
  ],
  [
    'from-the-reference',
    'a copy of a reference store has the same snapshot, byte for byte, and the same hits',
    async (t) => {
      const backend = await t.open({ profile: false });
      await reference(backend, async (memory) => {
        const metric = backend.capabilities.metrics[0];
        if (hasVectors(memory)) {
          await memory.vectors.reconcile({ model: 'a:b', dimension: 4, metric }, 'refuse');
        }
        await fill(memory);
        await copyAndCompare(memory, backend);
      });
    },
    { capability: 'assignedIds' },
  ],
  [
    'to-another-store',
    'a copy in another store of the same backend is identical',
    async (t) => copyAndCompare(await filled(t), await t.open({ profile: false })),
    { capability: 'assignedIds' },
  ],
  [
    'again',
    'copying again after changes on both sides brings the copy back to the state of the source',
    async (t) => {
      const from = await filled(t);
      const to = await t.open({ profile: false });
      await copyStore(from, to);
      await write(from, fastify, { url: '/page-2', title: 'Changed' }, [
        chunk('changed', { vector: vector(4, 3, 2, 1) }),
        chunk('more'),
      ]);
      await from.apply([{ kind: 'setVersionStatus', version: fastify, status: 'completed' }]);
      await copyAndCompare(from, to);
    },
    { capability: 'assignedIds' },
  ],
  [
    'ids-of-another-backend',
    'applying the same write with the ids assigned by one backend to another gives identical stores',
    async (t) => {
      const first = await t.open();
      await reference(first, async (second) => {
        if (hasVectors(second)) {
          await second.vectors.reconcile({ model: 'conformance:four', dimension: 4 }, 'refuse');
        }
        await resolve(first, 'other', '1'); // makes the ids differ from those the second store would assign
        const mutation = replacePage(
          fastify,
          { url: '/a', createdAt: '2024-01-01 00:00:00', updatedAt: '2024-01-01 00:00:00' },
          [chunk('one', { vector: vector(1, 0, 0, 0) }), chunk('two')],
        );
        const [{ versionId, pageId, chunkIds }] = await first.apply([mutation]);
        const version = await first.catalog.version({ versionId });
        assert.ok(version !== null);
        const { libraryId } = version;
        await second.apply([
          { kind: 'resolveVersion', library: 'fastify', version: '5.6.0', ids: { libraryId, versionId } },
          {
            ...mutation,
            page: { ...mutation.page, id: pageId },
            chunks: mutation.chunks.map((one, i) => ({ ...one, id: chunkIds[i] })),
          },
        ]);
        const pages = (backend: StorageBackend) => backend.catalog.pages(fastify);
        assert.deepEqual(await pages(second), await pages(first));
        const ids = async (backend: StorageBackend) =>
          (await backend.catalog.chunksByUrl(fastify, '/a')).map(({ id }) => id);
        assert.deepEqual(await ids(second), await ids(first));
      });
    },
  ],
]);
