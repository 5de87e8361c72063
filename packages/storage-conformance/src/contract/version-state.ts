import assert from 'node:assert/strict';
import { versionStatuses } from '@switchyard/storage-core';
import { contractGroup } from '../suite/contract-test.js';
import { assertRecent, rejects, rejectsAsMistake } from '../support/assertions.js';
import { chunk, fastify, resolve, write } from '../support/build.js';
import { dump } from '../support/dump.js';

export const versionStateTests = contractGroup('versions', [
  [
    'status',
    'every status is stored with its error message, and a status without a message clears it',
    async (t) => {
      const backend = await t.open();
      const { versionId } = await resolve(backend, 'fastify', '5.6.0');
      for (const status of versionStatuses) {
        for (const errorMessage of ['Überraschung: 500', undefined, 'again', null]) {
          const results = await backend.apply([
            { kind: 'setVersionStatus', version: fastify, status, errorMessage },
          ]);
          assert.deepEqual(results, [{ kind: 'setVersionStatus', versionId }]);
          const version = await backend.catalog.version({ versionId });
          assert.deepEqual([version?.status, version?.errorMessage], [status, errorMessage ?? null]);
        }
      }
    },
  ],
  [
    'status-touches-updated-at',
    'setting the status sets updatedAt and leaves everything else unchanged',
    async (t) => {
      const backend = await t.open();
      const { libraryId, versionId } = await resolve(backend, 'fastify', '5.6.0');
      const library = await backend.catalog.library({ libraryId });
      const version = await backend.catalog.version({ versionId });
      assert.ok(library !== null && version !== null);
      const old = { ...version, progressPages: 3, progressMaxPages: 9, updatedAt: '2001-02-03 04:05:06' };
      await backend.apply([{ kind: 'putVersion', library, version: old }]);
      await backend.apply([{ kind: 'setVersionStatus', version: { versionId }, status: 'completed' }]);
      const after = await backend.catalog.version({ versionId });
      assert.ok(after !== null);
      assertRecent(after.updatedAt, 'updatedAt');
      assert.deepEqual(
        { ...after, updatedAt: null, startedAt: null },
        { ...old, status: 'completed', updatedAt: null, startedAt: null },
      );
    },
    { capability: 'assignedIds' },
  ],
  [
    'progress',
    'progress stores both numbers',
    async (t) => {
      const backend = await t.open();
      const { versionId } = await resolve(backend, 'fastify', '5.6.0');
      for (const [pages, maxPages] of [
        [0, 100],
        [7, 100],
        [100, 100],
        [0, 0],
      ] as const) {
        await backend.apply([{ kind: 'setVersionProgress', version: { versionId }, pages, maxPages }]);
        const version = await backend.catalog.version(fastify);
        assert.deepEqual([version?.progressPages, version?.progressMaxPages], [pages, maxPages]);
      }
    },
  ],
  [
    'scraper-options',
    'scraper options are stored as JSON, with the source URL, and can be cleared',
    async (t) => {
      const backend = await t.open();
      await resolve(backend, 'fastify', '5.6.0');
      const options = {
        depth: 3,
        ключ: ['a', null, { b: -1.5e300 }],
        empty: {},
        quote: '"\'\\\n',
        yes: true,
      };
      const set = (sourceUrl: string | null, value: typeof options | null) =>
        backend.apply([{ kind: 'setScraperOptions', version: fastify, sourceUrl, options: value }]);
      await set('https://fastify.dev/docs/?a=1&b=ü#x', options);
      const stored = await backend.catalog.version(fastify);
      assert.equal(stored?.sourceUrl, 'https://fastify.dev/docs/?a=1&b=ü#x');
      assert.deepEqual(stored.scraperOptions, options);
      await set('https://other.example', null);
      const changed = await backend.catalog.version(fastify);
      assert.deepEqual([changed?.sourceUrl, changed?.scraperOptions], ['https://other.example', null]);
      await set(null, null);
      assert.equal((await backend.catalog.version(fastify))?.sourceUrl, null);
    },
  ],
  [
    'unknown-version',
    'setting status, progress or scraper options of an unknown version is STORAGE_NOT_FOUND, by id and by names',
    async (t) => {
      const backend = await t.open();
      await resolve(backend, 'fastify', '5.6.0');
      const before = await dump(backend);
      for (const version of [
        { versionId: 987_654 },
        { library: 'fastify', version: '9' },
        { library: 'x', version: '' },
      ]) {
        await rejects(
          () => backend.apply([{ kind: 'setVersionStatus', version, status: 'queued' }]),
          'STORAGE_NOT_FOUND',
        );
        await rejects(
          () => backend.apply([{ kind: 'setVersionProgress', version, pages: 1, maxPages: 2 }]),
          'STORAGE_NOT_FOUND',
        );
        await rejects(
          () => backend.apply([{ kind: 'setScraperOptions', version, sourceUrl: null, options: null }]),
          'STORAGE_NOT_FOUND',
        );
      }
      await rejects(() => write(backend, { versionId: 987_654 }, '/a', [chunk('one')]), 'STORAGE_NOT_FOUND');
      assert.deepEqual(await dump(backend), before);
    },
  ],
  [
    'ignored-unknown-version',
    'with ifMissing: ignore, an unknown version is skipped, and the rest of the list is applied',
    async (t) => {
      const backend = await t.open();
      await resolve(backend, 'fastify', '5.6.0');
      const before = await dump(backend);
      const ifMissing = 'ignore';
      for (const version of [{ versionId: 987_654 }, { library: 'fastify', version: '9' }]) {
        const results = await backend.apply([
          { kind: 'setVersionStatus', version, status: 'queued', ifMissing },
          { kind: 'setVersionProgress', version, pages: 1, maxPages: 2, ifMissing },
          { kind: 'setScraperOptions', version, sourceUrl: 'https://x', options: null, ifMissing },
        ]);
        assert.deepEqual(
          results.map((result) => result.versionId),
          [null, null, null],
        );
      }
      assert.deepEqual(await dump(backend), before);
      await backend.apply([
        { kind: 'setVersionStatus', version: { versionId: 987_654 }, status: 'queued', ifMissing },
        { kind: 'setVersionStatus', version: fastify, status: 'running', ifMissing },
      ]);
      assert.equal((await backend.catalog.version(fastify))?.status, 'running');
    },
  ],
  [
    'bad-writes',
    'an unknown status, negative progress and an unknown kind of mutation are TypeErrors that change nothing',
    async (t) => {
      const backend = await t.open();
      await resolve(backend, 'fastify', '5.6.0');
      const before = await dump(backend);
      const status = 'done' as 'completed';
      const kind = 'explode' as 'resolveVersion';
      await rejectsAsMistake(
        () => backend.apply([{ kind: 'setVersionStatus', version: fastify, status }]),
        'status',
      );
      for (const [pages, maxPages] of [
        [-1, 2],
        [1, -2],
        [1.5, 2],
        [Number.NaN, 2],
      ] as const) {
        await rejectsAsMistake(
          () => backend.apply([{ kind: 'setVersionProgress', version: fastify, pages, maxPages }]),
          `progress ${pages}/${maxPages}`,
        );
      }
      await rejectsAsMistake(() => backend.apply([{ kind, library: 'a', version: '1' }]), 'kind');
      const ifMissing = 'skip' as 'ignore';
      await rejectsAsMistake(
        () => backend.apply([{ kind: 'setVersionStatus', version: fastify, status: 'queued', ifMissing }]),
        'ifMissing',
      );
      assert.deepEqual(await dump(backend), before);
    },
  ],
]);
