import assert from 'node:assert/strict';
import { copyStore, deadlineIn, reembed, type StorageBackend, verifyStores } from '@switchyard/storage-core';
import { MemoryBackend } from '../memory/index.js';
import { contractGroup } from '../suite/contract-test.js';
import { rejects } from '../support/assertions.js';
import { chunk, fastify, vector, write } from '../support/build.js';
import { hasFts, hasVectors } from '../support/declared.js';
import { embedderOf, openDocuments, page } from '../support/documents.js';
import { letterEmbedder } from '../support/embedder.js';
import { TurnCounter } from '../support/turns.js';

/** Far more calls than fit into one turn; a backend that never yields makes them all. */
const CALLS = 200_000;
/** Pages with this many chunks each form several groups. */
const [PAGES, CHUNKS] = [60, 16];

export const eventLoopTests = contractGroup('event-loop', [
  [
    'calls-give-turns',
    'consecutive calls yield to the event loop',
    async (t) => {
      const backend = await t.open();
      await write(backend, fastify, '/a', [chunk('zebra', { vector: vector(1, 0, 0, 0) })]);
      for (const [name, call] of repeatable(backend)) {
        const counter = new TurnCounter();
        let calls = 0;
        for (; calls < CALLS && counter.turns === 0; calls++) await call();
        counter.stop();
        assert.ok(counter.turns > 0, `${calls} calls of ${name} without a turn of the event loop`);
      }
    },
  ],
  [
    'abort-ends-a-loop',
    'a signal aborted from a timer ends a loop of calls',
    async (t) => {
      const backend = await t.open();
      const signal = AbortSignal.timeout(20);
      await rejects(() => repeat(() => backend.catalog.version(fastify, { signal })), 'STORAGE_ABORTED');
      assert.ok(signal.aborted);
    },
  ],
  [
    'deadline-ends-a-loop',
    'a deadline ends a loop of calls',
    async (t) => {
      const backend = await t.open();
      const options = { deadline: deadlineIn(20) };
      await rejects(() => repeat(() => backend.catalog.version(fastify, options)), 'STORAGE_TIMEOUT');
    },
  ],
  [
    'add-pages-gives-turns',
    'adding pages yields to the event loop after each group, and an abort leaves complete pages and no further ones',
    async (t) => {
      const store = await openDocuments(t);
      const counted = new TurnCounter();
      await store.addPages('fastify', '1', pages());
      counted.stop();
      assert.ok(counted.turns >= 5, `${counted.turns} turns`);

      const controller = new AbortController();
      const counter = new TurnCounter((turns) => {
        if (turns === 2) controller.abort();
      });
      const error = await rejects(
        () => store.addPages('fastify', '2', pages(), { signal: controller.signal }),
        'STORAGE_ABORTED',
      );
      counter.stop();
      const version = await store.version('fastify', '2');
      const stored = version === null ? [] : await store.pages(version.id);
      assert.ok(stored.length < PAGES, `${stored.length} of ${PAGES} pages were written after an abort`);
      // A write that was aborted while running may have been applied; its outcome is then unknown.
      const pagesWritten = Number(error.details?.pagesWritten ?? 0);
      assert.ok(pagesWritten <= stored.length, `${pagesWritten} of ${stored.length} pages reported`);
      if (stored.length > 0) assert.equal(error.outcome, 'unknown');
      for (const { url } of stored) {
        assert.equal((await store.chunksByUrl('fastify', '2', url)).length, CHUNKS, url);
      }
      await store.addPages('fastify', '2', pages());
      assert.equal((await store.chunksByUrl('fastify', '2', `/${PAGES - 1}`)).length, CHUNKS);
    },
  ],
  [
    'generators-are-read-as-needed',
    'pages may come from a generator, which is not consumed any further after an abort',
    async (t) => {
      const store = await openDocuments(t);
      const controller = new AbortController();
      let made = 0;
      let isClosed = false;
      async function* generate() {
        try {
          for (; ; made++) {
            if (made === PAGES) controller.abort();
            yield pageOf(made);
          }
        } finally {
          isClosed = true;
        }
      }
      await rejects(
        () => store.addPages('fastify', '1', generate(), { signal: controller.signal }),
        'STORAGE_ABORTED',
      );
      assert.ok(made < PAGES * 2, `${made} pages were made after an abort`);
      assert.ok(isClosed);
      const added = await store.addPages('fastify', '2', new Set(pages()));
      assert.equal(added.length, PAGES);
    },
  ],
  [
    'abort-does-not-wait-for-others',
    'an abort does not wait for an embedder or generator that does not answer',
    async (t) => {
      const never = new Promise<never>(() => undefined);
      const store = await openDocuments(t, { embedder: { ...embedderOf(t), embed: () => never } });
      const silent = async function* () {
        yield await never;
      };
      const sources = hasVectors(store.backend) ? [[pageOf(1)], silent()] : [silent()];
      for (const source of sources) {
        const { signal } = new AbortControllerIn(2);
        await rejects(() => store.addPages('fastify', '1', source, { signal }), 'STORAGE_ABORTED');
        const options = { deadline: deadlineIn(10) };
        await rejects(() => store.addPages('fastify', '1', source, options), 'STORAGE_TIMEOUT');
      }
    },
  ],
  [
    'removal-gives-turns',
    'a version with many pages is removed completely, and so are its pages alone',
    async (t) => {
      const store = await openDocuments(t);
      for (const version of ['1', '2', '3']) await store.addPages('fastify', version, pages());
      assert.equal(await store.deletePages('fastify', '1'), PAGES * CHUNKS);
      assert.equal(await store.hasChunks('fastify', '1'), false);
      const removed = await store.removeVersion('fastify', '2');
      assert.deepEqual(removed, {
        documentsDeleted: PAGES * CHUNKS,
        versionDeleted: true,
        libraryDeleted: false,
      });
      const left = await store.version('fastify', '3');
      assert.equal((await store.pages(left?.id ?? 0)).length, PAGES);
      assert.deepEqual(
        (await store.versions('fastify')).map(({ name }) => name),
        ['1', '3'],
      );
    },
  ],
  [
    'a-range-of-pages',
    'pages can be listed in ranges that together cover all of them',
    async (t) => {
      const backend = await t.open();
      for (let i = 0; i < 7; i++) await write(backend, fastify, `/${i}`, [chunk(`text ${i}`)]);
      const all = await backend.catalog.pages(fastify);
      const [first, second] = [
        await backend.catalog.pages({ ...fastify, limit: 4 }),
        await backend.catalog.pages({ ...fastify, limit: 4, after: all[3]?.id }),
      ];
      assert.deepEqual([...first, ...second], all);
      assert.deepEqual([first.length, second.length], [4, 3]);
    },
  ],
  [
    'copy-and-verify-give-turns',
    'copying, comparing and re-embedding yield to the event loop and can be aborted',
    async (t) => {
      const source = await openDocuments(t);
      await source.addPages('fastify', '1', pages());
      const target = new MemoryBackend();
      await target.open();
      const jobs: [string, (signal: AbortSignal) => Promise<unknown>][] = [
        ['copy', (signal) => copyStore(source.backend, target, { pagesPerBatch: 8, signal })],
        ['verify', (signal) => verifyStores(source.backend, target, { pagesPerBatch: 8, signal })],
      ];
      if (source.backend.capabilities.reembedding) {
        const embedder = letterEmbedder({ model: 'other:model' });
        jobs.push(['reembed', (signal) => reembed(source.backend, embedder, { signal, chunksPerBatch: 16 })]);
      }
      for (const [name, job] of jobs) {
        const { signal } = new AbortControllerIn(1);
        await rejects(() => job(signal), 'STORAGE_ABORTED', name);
        const counter = new TurnCounter();
        await job(new AbortController().signal);
        counter.stop();
        assert.ok(counter.turns >= PAGES / 8, `${name}: ${counter.turns} turns`);
      }
      await target.close();
    },
  ],
]);

/** Aborts in a later turn of the event loop. */
class AbortControllerIn extends AbortController {
  constructor(turns: number) {
    super();
    const counter = new TurnCounter((turn) => {
      if (turn < turns) return;
      counter.stop();
      this.abort();
    });
  }
}

async function repeat(call: () => Promise<unknown>): Promise<void> {
  for (let calls = 0; calls < CALLS; calls++) await call();
}

const call = (name: string, work: () => Promise<unknown>): [string, () => Promise<unknown>] => [name, work];

function repeatable(backend: StorageBackend): [string, () => Promise<unknown>][] {
  const range = { version: fastify, limit: 1 };
  return [
    ['catalog.version', () => backend.catalog.version(fastify)],
    ['catalog.snapshot', () => backend.catalog.snapshot(range)],
    ...(hasVectors(backend)
      ? [call('vectors.nearest', () => backend.vectors.nearest({ ...range, vector: vector(1, 0, 0, 0) }))]
      : []),
    ...(hasFts(backend) ? [call('fts.match', () => backend.fts.match({ ...range, terms: ['zebra'] }))] : []),
    ['apply', () => write(backend, fastify, '/a', [chunk('zebra', { vector: vector(1, 0, 0, 0) })])],
  ];
}

function pageOf(index: number) {
  const texts = Array.from({ length: CHUNKS }, (_, i) => `text ${i} of page ${index}`);
  return page(`/${index}`, ...texts);
}

function pages() {
  return Array.from({ length: PAGES }, (_, index) => pageOf(index));
}
