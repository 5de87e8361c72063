import assert from 'node:assert/strict';
import {
  checkStore,
  type MaintenanceProgress,
  repairStore,
  type StorageBackend,
} from '@switchyard/storage-core';
import type { TestContext } from '../suite/context.js';
import { contractGroup } from '../suite/contract-test.js';
import { chunk, fastify, vector, write } from '../support/build.js';
import { dump } from '../support/dump.js';

export const maintenanceTests = contractGroup('maintenance', [
  [
    'sound',
    'an undamaged store is sound in every scope, also after replacing and removing pages; checking it changes nothing',
    async (t) => {
      for (const backend of [await t.open(), await prepared(t)]) {
        const before = await dump(backend);
        for (const scope of ['rows', 'quick', 'full'] as const) {
          const report = await checkStore(backend, { scope });
          assert.deepEqual(report.damages, [], scope);
          assert.equal(report.scope, scope);
        }
        assert.deepEqual(await dump(backend), before);
      }
    },
  ],
  [
    'sound-after-another-connection',
    'an audit and a check see the writes of another connection, and no damage in them',
    async (t) => {
      const { backend, reopen } = await t.openStore();
      const other = await reopen?.();
      assert.ok(other !== undefined);
      await other.open();
      for (const url of ['/a', '/b', '/a']) {
        await write(backend, fastify, url, [chunk(`zebra ${url}`, { vector: vector(1, 0, 0, 0) })]);
        const { chunks } = (await backend.inspect()).counts;
        for (const store of [other, backend]) {
          assert.deepEqual(await store.fts.audit(), { checked: chunks, problems: [] });
          assert.deepEqual((await checkStore(store, { scope: 'full' })).damages, []);
        }
      }
    },
    { capability: 'multiProcess' },
    { capability: 'ftsMaintenance' },
    { hook: 'reopen' },
  ],
  [
    'repair-nothing',
    'repairing a sound store does nothing and reports so',
    async (t) => {
      const backend = await prepared(t);
      const before = await dump(backend);
      const { repaired, after } = await repairStore(backend);
      assert.deepEqual(repaired, []);
      assert.deepEqual(after.damages, []);
      assert.deepEqual(await dump(backend), before);
    },
  ],
  [
    'progress',
    'a check reports its steps in order, up to the last',
    async (t) => {
      const backend = await prepared(t);
      const told: MaintenanceProgress[] = [];
      await checkStore(backend, { onProgress: (progress) => told.push(progress) });
      assert.ok(told.length > 0, 'at least one step');
      assert.deepEqual(
        told.map(({ done }) => done),
        told.map((_, index) => index),
      );
      const last = told.at(-1);
      assert.equal(last?.done, last?.total);
    },
  ],
  [
    'reclaim',
    'reclaiming space changes no result and reports the space, or why none was reclaimed',
    async (t) => {
      const backend = await prepared(t);
      if (backend.maintenance === undefined) return;
      const before = await dump(backend);
      const { bytesBefore, bytesAfter, limitation } = await backend.maintenance.reclaim();
      if (limitation === null) assert.ok((bytesAfter ?? 0) > 0 && (bytesBefore ?? 0) > 0);
      else assert.deepEqual([bytesBefore, bytesAfter], [null, null]);
      assert.deepEqual(await dump(backend), before);
      assert.deepEqual((await checkStore(backend)).damages, []);
    },
  ],
]);

/** Fills a store whose pages were written, replaced and removed. */
async function prepared(t: TestContext): Promise<StorageBackend> {
  const backend = await t.open();
  const chunks = (n: number) => [
    chunk(`one ${n}`, { vector: vector(n, 1, 0, 0) }),
    chunk(`two ${n}`, { vector: vector(0, 1, n, 0) }),
  ];
  for (const n of [1, 2, 3]) await write(backend, fastify, `/${n}`, chunks(n));
  await write(backend, fastify, '/2', chunks(7));
  await write(backend, { library: 'gone', version: '1' }, '/1', chunks(1));
  await write(backend, { library: 'words', version: '' }, '/1', [chunk('only words')]);
  await backend.apply([{ kind: 'removeVersion', version: { library: 'gone', version: '1' } }]);
  return backend;
}
