import assert from 'node:assert/strict';
import type { Mutation, StorageBackend } from '@switchyard/storage-core';
import type { TestContext } from '../suite/context.js';
import { contractGroup } from '../suite/contract-test.js';
import { rejects, rejectsAsMistake } from '../support/assertions.js';
import { chunk, fastify, replacePage, resolve, vector, write } from '../support/build.js';
import { assertMatches, hasFts, hasVectors } from '../support/declared.js';
import { dump } from '../support/dump.js';

/** One write of every kind; each changes the prepared store. */
const changes: readonly Mutation[] = [
  { kind: 'resolveVersion', library: 'new', version: '1' },
  replacePage(fastify, '/a', [chunk('replaced', { vector: vector(0, 0, 0, 1) })]),
  replacePage({ library: 'newer', version: '' }, '/x', [chunk('more')]),
  { kind: 'setVersionStatus', version: fastify, status: 'failed', errorMessage: 'half' },
  { kind: 'setVersionProgress', version: fastify, pages: 1, maxPages: 2 },
  { kind: 'setScraperOptions', version: fastify, sourceUrl: 'https://half.example', options: { half: true } },
  { kind: 'deletePage', page: { version: fastify, url: '/b' } },
  { kind: 'deletePages', version: { library: 'pino', version: '' } },
  { kind: 'removeVersion', version: { library: 'pino', version: '' } },
];

const unknownVersion: Mutation = {
  kind: 'setVersionStatus',
  version: { versionId: 987_654 },
  status: 'queued',
};

async function prepared(t: TestContext): Promise<StorageBackend> {
  const backend = await t.open();
  await write(backend, fastify, '/a', [chunk('zebra', { vector: vector(1, 0, 0, 0) }), chunk('two')]);
  await write(backend, fastify, '/b', [chunk('zebra', { vector: vector(0, 1, 0, 0) })]);
  await write(backend, { library: 'pino', version: '' }, '/c', [
    chunk('zebra', { vector: vector(0, 0, 1, 0) }),
  ]);
  return backend;
}

/** Search results, to check that indexes were rolled back as well. */
async function searches(backend: StorageBackend): Promise<unknown> {
  const found: unknown[] = [];
  for (const version of [fastify, { library: 'pino', version: '' }, { library: 'newer', version: '' }]) {
    if (hasVectors(backend)) {
      found.push(await backend.vectors.nearest({ version, vector: vector(0, 0, 0, 1), limit: 9 }));
    }
    if (!hasFts(backend)) continue;
    for (const word of ['zebra', 'replaced', 'more']) {
      found.push(await backend.fts.match({ version, terms: [word], limit: 9 }));
    }
  }
  return found;
}

export const atomicityTests = contractGroup('atomicity', [
  [
    'all-or-nothing',
    'a list of writes of every kind whose last write fails leaves the store and the search results unchanged',
    async (t) => {
      const backend = await prepared(t);
      const before = [await dump(backend), await searches(backend)];
      await rejects(() => backend.apply([...changes, unknownVersion]), 'STORAGE_NOT_FOUND');
      assert.deepEqual([await dump(backend), await searches(backend)], before);
    },
  ],
  [
    'fails-in-the-middle',
    'writes after a failing one are not applied either, wherever it is in the list',
    async (t) => {
      const backend = await prepared(t);
      const before = [await dump(backend), await searches(backend)];
      for (const at of [0, 1, 4, changes.length]) {
        const list = [...changes.slice(0, at), unknownVersion, ...changes.slice(at)];
        await rejects(() => backend.apply(list), 'STORAGE_NOT_FOUND', `failing at ${at}`);
        assert.deepEqual([await dump(backend), await searches(backend)], before, `failing at ${at}`);
      }
    },
  ],
  [
    'checked-before-applied',
    'a list with an invalid write anywhere is rejected as a whole: bad vector, wrong dimension, programmer error',
    async (t) => {
      const backend = await prepared(t);
      const before = await dump(backend);
      const withVector = (values: Float32Array) => [
        ...changes,
        replacePage(fastify, '/z', [
          chunk('good', { vector: vector(1, 1, 1, 1) }),
          chunk('bad', { vector: values }),
        ]),
      ];
      if (hasVectors(backend)) {
        await rejects(() => backend.apply(withVector(vector(1, Number.NaN, 0, 0))), 'STORAGE_INVALID_VECTOR');
        await rejects(() => backend.apply(withVector(vector(1, 0, 0))), 'STORAGE_DIMENSION_MISMATCH');
      }
      await rejectsAsMistake(() => backend.apply([...changes, replacePage(fastify, '', [])]), 'empty URL');
      assert.deepEqual(await dump(backend), before);
    },
  ],
  [
    'usable-after-a-failure',
    'after a failed list, the next one is applied, and the failed one can be corrected and applied',
    async (t) => {
      const backend = await prepared(t);
      await rejects(() => backend.apply([...changes, unknownVersion]), 'STORAGE_NOT_FOUND');
      const results = await backend.apply(changes);
      assert.equal(results.length, changes.length);
      assert.equal(await backend.catalog.version({ library: 'pino', version: '' }), null);
      assert.equal((await backend.catalog.version(fastify))?.errorMessage, 'half');
      const written = results[1];
      assert.ok(written?.kind === 'replacePage');
      await assertMatches(backend, fastify, 'replaced', written.chunkIds);
    },
  ],
  [
    'results-in-order',
    'results are in the order of the writes, each with its kind; no writes give no results',
    async (t) => {
      const backend = await prepared(t);
      const results = await backend.apply(changes);
      assert.deepEqual(
        results.map(({ kind }) => kind),
        changes.map(({ kind }) => kind),
      );
      assert.deepEqual(await backend.apply([]), []);
    },
  ],
  [
    'one-sees-the-other',
    'a write in a list sees the effects of those before it',
    async (t) => {
      const backend = await t.open();
      const version = { library: 'x', version: '1' };
      const results = await backend.apply([
        { kind: 'resolveVersion', library: 'x', version: '1' },
        { kind: 'setVersionStatus', version, status: 'running' },
        replacePage(version, '/a', [chunk('one'), chunk('two')]),
        replacePage(version, '/a', [chunk('three')]),
        { kind: 'deletePages', version },
        { kind: 'removeVersion', version },
        { kind: 'resolveVersion', library: 'x', version: '1' },
      ]);
      assert.equal(results[3].chunksReplaced, 2);
      assert.equal(results[2].pageId, results[3].pageId);
      assert.deepEqual([results[4].pagesDeleted, results[4].chunksDeleted], [1, 1]);
      assert.equal(results[5].libraryDeleted, true);
      assert.equal(results[6].created, true);
      assert.equal((await backend.catalog.version(version))?.status, 'not_indexed');
    },
  ],
  [
    'reads-see-whole-pages',
    'concurrent reads see a page as it was before a write or after it, never in between',
    async (t) => {
      const backend = await t.open();
      const page = (length: number) =>
        replacePage(
          fastify,
          '/a',
          Array.from({ length }, (_, i) => chunk(`of-${length}`, { vector: vector(length, i, 0, 0) })),
        );
      await backend.apply([page(3)]);
      const calls: Promise<unknown>[] = [];
      for (let round = 0; round < 12; round++) {
        calls.push(backend.apply([page(round % 2 === 0 ? 5 : 3)]));
        calls.push(
          backend.catalog.chunksByUrl(fastify, '/a').then((records) => {
            assert.deepEqual(
              new Set(records.map(({ content }) => content)),
              new Set([`of-${records.length}`]),
            );
          }),
          backend.catalog.snapshot({ version: fastify, limit: 1 }).then(([snapshot]) => {
            const { chunks = [] } = snapshot ?? {};
            assert.deepEqual(new Set(chunks.map(({ content }) => content)), new Set([`of-${chunks.length}`]));
            if (!hasVectors(backend)) return;
            for (const { vector: values } of chunks) assert.equal(values?.[0], chunks.length);
          }),
        );
        if (!hasVectors(backend)) continue;
        calls.push(
          backend.vectors.nearest({ version: fastify, vector: vector(1, 0, 0, 0), limit: 9 }).then((hits) => {
            assert.ok(hits.length === 3 || hits.length === 5, `${hits.length} vectors`);
          }),
        );
      }
      await Promise.all(calls);
    },
  ],
  [
    'many-writers-at-once',
    'concurrent writes are all applied, one after the other',
    async (t) => {
      const backend = await t.open();
      const writes = Array.from({ length: 16 }, (_, i) =>
        backend.apply([replacePage(fastify, `/page-${i % 8}`, [chunk(`text ${i}`), chunk('more')])]),
      );
      const results = (await Promise.all(writes)).map(([result]) => result);
      assert.equal(new Set(results.map(({ versionId }) => versionId)).size, 1);
      assert.equal(new Set(results.map(({ pageId }) => pageId)).size, 8);
      const pages = await backend.catalog.pages(fastify);
      assert.equal(pages.length, 8);
      for (const { url } of pages) assert.equal((await backend.catalog.chunksByUrl(fastify, url)).length, 2);
      assert.equal((await backend.inspect()).counts.chunks, 16);
    },
  ],
  [
    'resolved-once',
    'resolving the same version many times concurrently creates it once',
    async (t) => {
      const backend = await t.open();
      const resolved = await Promise.all(
        Array.from({ length: 12 }, () => resolve(backend, 'Fastify', '5.6.0')),
      );
      assert.equal(new Set(resolved.map(({ versionId }) => versionId)).size, 1);
      assert.equal(resolved.filter(({ created }) => created).length, 1);
    },
  ],
]);
