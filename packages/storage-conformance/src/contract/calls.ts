import assert from 'node:assert/strict';
import { type CallOptions, deadlineIn } from '@switchyard/storage-core';
import type { TestContext } from '../suite/context.js';
import { contractGroup } from '../suite/contract-test.js';
import { rejects } from '../support/assertions.js';
import { chunk, fastify, replacePage, vector, write } from '../support/build.js';
import { assertFound } from '../support/declared.js';
import { dump } from '../support/dump.js';
import { everyCall } from '../support/every-call.js';

export const callTests = contractGroup('calls', [
  [
    'already-aborted',
    'every call with an aborted signal is rejected with STORAGE_ABORTED and does nothing',
    (t) => refusesAll(t, { signal: AbortSignal.abort('not wanted any more') }, 'STORAGE_ABORTED'),
  ],
  [
    'past-deadline',
    'every call whose deadline has passed is rejected with STORAGE_TIMEOUT and does nothing',
    (t) => refusesAll(t, { deadline: Date.now() - 1000 }, 'STORAGE_TIMEOUT'),
  ],
  [
    'in-time',
    'a signal that is not aborted and a deadline in the future change nothing',
    async (t) => {
      const backend = await t.open();
      const { signal } = new AbortController();
      const options = { signal, deadline: deadlineIn(t.options.timeoutMs) };
      await backend.apply([replacePage(fastify, '/a', [chunk('a'), chunk('b')])], options);
      for (const { call, prepare } of everyCall(backend)) {
        await prepare?.();
        await call(options);
      }
      assert.equal((await backend.catalog.chunksByUrl(fastify, '/a', options)).length, 2);
    },
  ],
  [
    'abort-during-a-write',
    'a write that is aborted while running is applied as a whole or not at all, as its error says',
    async (t) => {
      const backend = await t.open();
      const chunks = Array.from({ length: 40 }, (_, i) => chunk(`text ${i}`, { vector: vector(1, i, 0, 0) }));
      for (let round = 0; round < 6; round++) {
        const url = `/page-${round}`;
        const controller = new AbortController();
        const writing = backend.apply([replacePage(fastify, url, chunks)], { signal: controller.signal });
        if (round % 2 === 1) await Promise.resolve();
        controller.abort();
        const error = await writing.then(
          () => null,
          (reason: { readonly code: unknown; readonly outcome: unknown }) => reason,
        );
        const stored = (await backend.catalog.chunksByUrl(fastify, url)).length;
        if (error === null) assert.equal(stored, chunks.length);
        else {
          assert.equal(error.code, 'STORAGE_ABORTED');
          assert.ok(
            error.outcome === 'not-applied' || error.outcome === 'unknown',
            `outcome ${error.outcome}`,
          );
          if (error.outcome === 'not-applied') assert.equal(stored, 0);
          else assert.ok(stored === 0 || stored === chunks.length, `${stored} of ${chunks.length} chunks`);
        }
      }
    },
  ],
  [
    'abort-during-a-read',
    'a read that is aborted while running returns its result or STORAGE_ABORTED, and later calls are unaffected',
    async (t) => {
      const backend = await t.open();
      const { chunkIds } = await write(backend, fastify, '/a', [
        chunk('zebra', { vector: vector(1, 0, 0, 0) }),
      ]);
      for (const { name, isWrite, call } of everyCall(backend)) {
        if (isWrite) continue;
        const controller = new AbortController();
        const reading = call({ signal: controller.signal });
        controller.abort();
        await reading.catch((error: { readonly code: unknown }) =>
          assert.equal(error.code, 'STORAGE_ABORTED', name),
        );
      }
      await assertFound(backend, fastify, { word: 'zebra', near: vector(1, 0, 0, 0) }, chunkIds);
    },
  ],
  [
    'errors-say-what-happened',
    'an error names the backend, has a message, reports that the write was not applied, and survives serialization',
    async (t) => {
      const backend = await t.open();
      const error = await rejects(
        () =>
          backend.apply([{ kind: 'setVersionStatus', version: { versionId: 987_654 }, status: 'queued' }]),
        'STORAGE_NOT_FOUND',
      );
      assert.equal(error.backend, backend.name);
      assert.equal(error.outcome, 'not-applied');
      assert.equal(error.retryable, false);
      assert.ok(error.message.length > 10, error.message);
      const data = JSON.parse(JSON.stringify(error)) as { code: string; message: string };
      assert.equal(data.code, error.code);
      assert.equal(data.message, error.message);
    },
  ],
]);

async function refusesAll(
  t: TestContext,
  options: CallOptions,
  code: 'STORAGE_ABORTED' | 'STORAGE_TIMEOUT',
): Promise<void> {
  const backend = await t.open();
  await write(backend, fastify, '/a', [chunk('one', { vector: vector(1, 0, 0, 0) }), chunk('two')]);
  const before = await dump(backend);
  for (const { name, isWrite, call } of everyCall(backend)) {
    const error = await rejects(() => call(options), code, name);
    if (isWrite && name.startsWith('apply')) assert.equal(error.outcome, 'not-applied', name);
  }
  assert.deepEqual(await dump(backend), before);
}
