import assert from 'node:assert/strict';
import { contractGroup } from '../suite/contract-test.js';
import { rejects } from '../support/assertions.js';
import { chunk, fastify, replacePage, write } from '../support/build.js';
import { everyCall } from '../support/every-call.js';

export const lifecycleTests = contractGroup('lifecycle', [
  [
    'closed-before-open',
    'every call before open() is rejected with STORAGE_CLOSED',
    async (t) => {
      const { backend } = await t.create();
      for (const { name, call } of everyCall(backend)) await rejects(() => call(), 'STORAGE_CLOSED', name);
    },
  ],
  [
    'closed-after-close',
    'every call after close() is rejected with STORAGE_CLOSED',
    async (t) => {
      const backend = await t.open();
      await backend.close();
      for (const { name, call } of everyCall(backend)) await rejects(() => call(), 'STORAGE_CLOSED', name);
    },
  ],
  [
    'open-twice',
    'opening an open backend changes nothing',
    async (t) => {
      const backend = await t.open();
      await write(backend, fastify, '/a', [chunk('one')]);
      await backend.open();
      assert.equal((await backend.catalog.chunksByUrl(fastify, '/a')).length, 1);
    },
  ],
  [
    'open-twice-at-once',
    'opening twice concurrently opens once, and both calls succeed',
    async (t) => {
      const { backend } = await t.create();
      await Promise.all([backend.open(), backend.open(), backend.open()]);
      assert.deepEqual(await backend.catalog.libraries(), []);
    },
  ],
  [
    'close-twice',
    'closing twice, even concurrently, is not an error',
    async (t) => {
      const backend = await t.open();
      await Promise.all([backend.close(), backend.close()]);
      await backend.close();
      await rejects(() => backend.catalog.libraries(), 'STORAGE_CLOSED');
    },
  ],
  [
    'close-before-open',
    'closing a backend that was never opened is not an error, and it can be opened afterwards',
    async (t) => {
      const { backend } = await t.create();
      await backend.close();
      await backend.open();
      assert.deepEqual(await backend.catalog.libraries(), []);
    },
  ],
  [
    'close-while-opening',
    'a close() during opening takes effect last',
    async (t) => {
      const { backend } = await t.create();
      const opening = backend.open().catch(() => undefined); // may succeed or be abandoned
      await backend.close();
      await opening;
      await rejects(() => backend.catalog.libraries(), 'STORAGE_CLOSED');
    },
  ],
  [
    'open-again',
    'a closed backend can be opened again',
    async (t) => {
      const backend = await t.open();
      await backend.close();
      await backend.open();
      await write(backend, fastify, '/a', [chunk('one')]);
      assert.equal((await backend.catalog.chunksByUrl(fastify, '/a')).length, 1);
    },
  ],
  [
    'open-aborted',
    'opening with an aborted signal is rejected with STORAGE_ABORTED and succeeds on retry without one',
    async (t) => {
      const { backend } = await t.create();
      await rejects(() => backend.open({ signal: AbortSignal.abort() }), 'STORAGE_ABORTED');
      await rejects(() => backend.catalog.libraries(), 'STORAGE_CLOSED');
      await backend.open();
      assert.deepEqual(await backend.catalog.libraries(), []);
    },
  ],
  [
    'open-too-late',
    'opening after its deadline is rejected with STORAGE_TIMEOUT and succeeds on retry without one',
    async (t) => {
      const { backend } = await t.create();
      await rejects(() => backend.open({ deadline: Date.now() - 1000 }), 'STORAGE_TIMEOUT');
      await backend.open();
      assert.deepEqual(await backend.catalog.libraries(), []);
    },
  ],
  [
    'close-drains',
    'close() waits for running calls, and they succeed',
    async (t) => {
      const backend = await t.open();
      const settled: string[] = [];
      const calls = Array.from({ length: 8 }, async (_, index) => {
        const [{ chunkIds }] = await backend.apply([
          replacePage(fastify, `/page-${index}`, [chunk('one'), chunk('two')]),
        ]);
        settled.push('write');
        return chunkIds.length;
      });
      const read = backend.catalog.libraries().then(() => settled.push('read'));
      const closing = backend.close().then(() => settled.push('close'));
      assert.deepEqual(await Promise.all(calls), Array(8).fill(2));
      await Promise.all([read, closing]);
      assert.equal(settled.length, 10);
      assert.equal(settled.at(-1), 'close', 'close() must end last.');
    },
  ],
  [
    'refused-while-closing',
    'a call made after close() was called is rejected, even before close() has finished',
    async (t) => {
      const backend = await t.open();
      const before = backend.apply([replacePage(fastify, '/a', [chunk('one')])]);
      const closing = backend.close();
      await rejects(() => backend.catalog.libraries(), 'STORAGE_CLOSED');
      await rejects(() => backend.apply([replacePage(fastify, '/b', [chunk('two')])]), 'STORAGE_CLOSED');
      await Promise.all([before, closing]);
    },
  ],
]);
