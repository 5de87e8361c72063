import assert from 'node:assert/strict';
import type { EmbeddingProfile, StorageBackend } from '@switchyard/storage-core';
import type { ProfileRequest } from '@switchyard/storage-core/backend';
import { type TestContext, testDimension, testModel } from '../suite/context.js';
import { contractGroup } from '../suite/contract-test.js';
import { rejects, rejectsAsMistake } from '../support/assertions.js';
import { chunk, fastify, vector, write } from '../support/build.js';
import { hasFts } from '../support/declared.js';
import { dump } from '../support/dump.js';

const ftsMatches = async (backend: StorageBackend) =>
  hasFts(backend) ? backend.fts.match({ version: fastify, terms: ['zebra'], limit: 9 }) : null;
const near = (backend: StorageBackend, query: Float32Array) =>
  backend.vectors.nearest({ version: fastify, vector: query, limit: 9 });

async function prepared(t: TestContext): Promise<{ backend: StorageBackend; profile: EmbeddingProfile }> {
  const backend = await t.open();
  await write(backend, fastify, '/a', [chunk('zebra', { vector: vector(1, 0, 0, 0) }), chunk('none')]);
  await write(backend, { library: 'pino', version: '' }, '/a', [chunk('x', { vector: vector(0, 1, 0, 0) })]);
  const profile = await backend.vectors.profile();
  assert.ok(profile !== null);
  return { backend, profile };
}

/** Creates a store with a vector of unrecorded model, like legacy stores of old levels. */
async function withoutModel(t: TestContext) {
  const backend = await t.open({ profile: false });
  const request = { model: null, dimension: testDimension };
  const { profile: unknown } = await backend.vectors.reconcile(request, 'refuse');
  await write(backend, fastify, '/a', [chunk('zebra', { vector: vector(1, 0, 0, 0) })]);
  return { backend, unknown, known: { ...unknown, model: 'a:b' } };
}

export const profileTests = contractGroup(
  'profile',
  [
    [
      'none-at-first',
      'a new store has no profile, and a vector search finds nothing in it',
      async (t) => {
        const backend = await t.open({ profile: false });
        assert.equal(await backend.vectors.profile(), null);
        await write(backend, fastify, '/a', [chunk('zebra')]);
        assert.deepEqual(await near(backend, vector(1, 2, 3)), []);
        assert.deepEqual(await backend.vectors.stats(), { indexed: 0, without: 1, unusable: 0 });
        assert.equal((await backend.inspect()).profile, null);
      },
    ],
    [
      'adopt',
      'a store without a profile adopts the requested one, by default with l2 where that is declared',
      async (t) => {
        const backend = await t.open({ profile: false });
        const result = await backend.vectors.reconcile({ model: 'a:b', dimension: 7 }, 'refuse');
        const { metrics } = backend.capabilities;
        // The same code must rank alike on every backend.
        const metric = metrics.includes('l2') ? 'l2' : metrics[0];
        const profile = { model: 'a:b', dimension: 7, metric };
        assert.deepEqual(result, { outcome: 'adopted', profile, previous: null, vectorsDropped: 0 });
        assert.deepEqual(await backend.vectors.profile(), profile);
      },
    ],
    [
      'adopt-each-metric',
      'a store without a profile adopts each metric the backend declares',
      async (t) => {
        const { metrics } = (await t.create()).backend.capabilities;
        for (const metric of metrics) {
          const backend = await t.open({ profile: false });
          const { profile } = await backend.vectors.reconcile(
            { model: 'a:b', dimension: 3, metric },
            'refuse',
          );
          assert.deepEqual(profile, { model: 'a:b', dimension: 3, metric });
          assert.deepEqual(await backend.vectors.profile(), profile);
        }
      },
    ],
    [
      'adopt-with-pages',
      'a store with pages but no profile adopts one, keeps its pages, and then accepts vectors',
      async (t) => {
        const backend = await t.open({ profile: false });
        await write(backend, fastify, '/a', [chunk('zebra'), chunk('two')]);
        const before = (await dump(backend)).pages;
        const { outcome } = await backend.vectors.reconcile({ model: 'a:b', dimension: 3 }, 'refuse');
        assert.equal(outcome, 'adopted');
        assert.deepEqual((await dump(backend)).pages, before);
        await write(backend, fastify, '/a', [chunk('zebra', { vector: vector(1, 2, 3) })]);
        assert.equal((await near(backend, vector(1, 2, 3))).length, 1);
      },
    ],
    [
      'unchanged',
      'requesting the current profile, with or without its metric, changes nothing unless a reset is requested',
      async (t) => {
        const { backend, profile } = await prepared(t);
        const before = await dump(backend);
        const { model, dimension, metric } = { ...profile, model: testModel };
        for (const policy of ['refuse', 'reset-if-changed'] as const) {
          for (const request of [
            { model, dimension },
            { model, dimension, metric },
          ]) {
            const result = await backend.vectors.reconcile(request, policy);
            assert.deepEqual(result, { outcome: 'unchanged', profile, previous: profile, vectorsDropped: 0 });
          }
        }
        assert.deepEqual(await dump(backend), before);
        assert.equal((await near(backend, vector(1, 0, 0, 0))).length, 1);
      },
    ],
    [
      'stored-metric',
      'a store keeps its metric: reopening without one changes nothing, another one is a profile change',
      async (t) => {
        const { metrics, persistent } = (await t.create()).backend.capabilities;
        for (const metric of metrics) {
          const { backend, again } = await t.openStore({ metric });
          await write(backend, fastify, '/a', [chunk('zebra', { vector: vector(1, 0, 0, 0) })]);
          const next = persistent ? await again() : backend;
          const profile = { model: testModel, dimension: testDimension, metric };
          assert.deepEqual(await next.vectors.profile(), profile);
          const request = { model: testModel, dimension: testDimension };
          for (const policy of ['refuse', 'reset-if-changed'] as const) {
            const result = await next.vectors.reconcile(request, policy);
            assert.deepEqual(result, { outcome: 'unchanged', profile, previous: profile, vectorsDropped: 0 });
          }
          for (const other of metrics) {
            if (other === metric) continue;
            await rejects(
              () => next.vectors.reconcile({ ...request, metric: other }, 'refuse'),
              'STORAGE_MODEL_CHANGED',
            );
          }
          assert.equal((await near(next, vector(1, 0, 0, 0))).length, 1);
        }
      },
    ],
    [
      'adopt-a-model',
      'vectors of unrecorded model are attributed to the first requested model of their dimension, unless a reset is requested',
      async (t) => {
        for (const policy of ['refuse', 'reset-if-changed'] as const) {
          const { backend, known, unknown } = await withoutModel(t);
          assert.deepEqual(await backend.vectors.profile(), unknown);
          const result = await backend.vectors.reconcile({ model: 'a:b', dimension: testDimension }, policy);
          assert.deepEqual(result, {
            outcome: 'adopted',
            profile: known,
            previous: unknown,
            vectorsDropped: 0,
          });
          assert.deepEqual(await backend.vectors.profile(), known);
          assert.equal((await near(backend, vector(1, 0, 0, 0))).length, 1);
          await rejects(
            () => backend.vectors.reconcile({ model: 'c:d', dimension: testDimension }, 'refuse'),
            'STORAGE_MODEL_CHANGED',
          );
        }
      },
    ],
    [
      'adopt-no-other-space',
      'vectors of unrecorded model are not attributed to a model of another dimension or metric',
      async (t) => {
        const { backend, unknown } = await withoutModel(t);
        const others = backend.capabilities.metrics.filter((metric) => metric !== unknown.metric);
        const changes: readonly ProfileRequest[] = [
          { model: 'a:b', dimension: testDimension + 1 },
          ...others.map((metric) => ({ model: 'a:b', dimension: testDimension, metric })),
        ];
        for (const request of changes) {
          await rejects(() => backend.vectors.reconcile(request, 'refuse'), 'STORAGE_MODEL_CHANGED');
        }
        assert.deepEqual(await backend.vectors.profile(), unknown);
        assert.equal((await near(backend, vector(1, 0, 0, 0))).length, 1);
        const { outcome, vectorsDropped } = await backend.vectors.reconcile(
          { model: 'a:b', dimension: testDimension + 1 },
          'reset-if-changed',
        );
        assert.deepEqual([outcome, vectorsDropped], ['reset', 1]);
      },
    ],
    [
      'refuse-model',
      'another model is rejected with STORAGE_MODEL_CHANGED naming both, and nothing is changed',
      async (t) => {
        const { backend } = await prepared(t);
        const before = [await dump(backend), await ftsMatches(backend)];
        const { message, outcome } = await rejects(
          () => backend.vectors.reconcile({ model: 'other:model', dimension: testDimension }, 'refuse'),
          'STORAGE_MODEL_CHANGED',
        );
        assert.ok(message.includes('other:model') && message.includes(testModel), message);
        assert.notEqual(outcome, 'unknown');
        assert.deepEqual([await dump(backend), await ftsMatches(backend)], before);
        assert.equal((await near(backend, vector(1, 0, 0, 0))).length, 1);
      },
    ],
    [
      'query-of-another-model',
      'a search that declares another model than the store’s is rejected, naming both; with the store’s model or none it is answered',
      async (t) => {
        const { backend, profile } = await prepared(t);
        const query = { version: fastify, vector: vector(1, 0, 0, 0), limit: 9 };
        const { message } = await rejects(
          () => backend.vectors.nearest({ ...query, model: 'other:model' }),
          'STORAGE_MODEL_CHANGED',
        );
        assert.ok(message.includes('other:model') && message.includes(testModel), message);
        for (const model of [profile.model, null, undefined]) {
          assert.equal((await backend.vectors.nearest({ ...query, model })).length, 1);
        }
      },
    ],
    [
      'candidates-of-another-model',
      'a candidates request that declares another model than the store’s is rejected; with the store’s model it is answered',
      async (t) => {
        const { backend, profile } = await prepared(t);
        const ask = (model: string | null) =>
          backend.candidates?.({
            versions: [fastify],
            vector: { values: vector(1, 0, 0, 0), limit: 9, model },
            fts: { terms: ['zebra'], limit: 9 },
            fusion: { limit: 9 },
          });
        await rejects(async () => ask('other:model'), 'STORAGE_MODEL_CHANGED');
        assert.equal((await ask(profile.model))?.vector.length, 1);
      },
      { capability: 'candidates' },
    ],
    [
      'page-of-another-model',
      'a page whose vectors are declared to be of another model is rejected, and nothing in its list is applied',
      async (t) => {
        const { backend, profile } = await prepared(t);
        const before = await dump(backend);
        const page = (url: string, model: string | null) =>
          ({
            kind: 'replacePage',
            version: fastify,
            page: { url },
            chunks: [chunk('okapi', { vector: vector(0, 0, 1, 0) })],
            model,
          }) as const;
        for (const pages of [
          [page('/a', 'other:model')],
          [page('/b', profile.model), page('/c', 'other:model')],
        ]) {
          const { outcome } = await rejects(() => backend.apply(pages), 'STORAGE_MODEL_CHANGED');
          assert.equal(outcome, 'not-applied');
        }
        assert.deepEqual(await dump(backend), before);
        await backend.apply([page('/b', profile.model), page('/c', null)]);
        assert.equal((await near(backend, vector(0, 0, 1, 0))).length, 3);
      },
    ],
    [
      'refuse-dimension',
      'another dimension is rejected with STORAGE_MODEL_CHANGED naming both, and nothing is changed',
      async (t) => {
        const { backend } = await prepared(t);
        const before = await dump(backend);
        const { message } = await rejects(
          () => backend.vectors.reconcile({ model: testModel, dimension: 93 }, 'refuse'),
          'STORAGE_MODEL_CHANGED',
        );
        assert.ok(message.includes('93') && message.includes(String(testDimension)), message);
        assert.deepEqual(await dump(backend), before);
      },
    ],
    [
      'refuse-metric',
      'another metric is rejected with STORAGE_MODEL_CHANGED, or as not supported if it is not declared',
      async (t) => {
        const { backend, profile } = await prepared(t);
        const before = await dump(backend);
        const metric = profile.metric === 'l2' ? 'cosine' : 'l2';
        const code = backend.capabilities.metrics.includes(metric)
          ? 'STORAGE_MODEL_CHANGED'
          : 'STORAGE_NOT_SUPPORTED';
        await rejects(
          () => backend.vectors.reconcile({ model: testModel, dimension: testDimension, metric }, 'refuse'),
          code,
        );
        assert.deepEqual(await dump(backend), before);
      },
    ],
    [
      'reset',
      'a reset drops and counts every vector, stores the new profile, and leaves pages, chunks and full text alone',
      async (t) => {
        const { backend, profile } = await prepared(t);
        const before = await dump(backend);
        const ftsBefore = await ftsMatches(backend);
        const result = await backend.vectors.reconcile({ model: 'other:model', dimension: 2 }, 'reset');
        const fresh = { model: 'other:model', dimension: 2, metric: profile.metric };
        assert.deepEqual(result, { outcome: 'reset', profile: fresh, previous: profile, vectorsDropped: 2 });
        assert.deepEqual(await backend.vectors.profile(), fresh);
        assert.deepEqual(await backend.vectors.stats(), { indexed: 0, without: 3, unusable: 0 });
        assert.deepEqual(await near(backend, vector(1, 0)), []);
        assert.deepEqual(await ftsMatches(backend), ftsBefore);
        const after = await dump(backend);
        const withoutVectors = before.pages.map(({ page, chunks }) => ({
          page,
          chunks: chunks.map((one) => ({ ...one, vector: null })),
        }));
        assert.deepEqual(after.pages, withoutVectors);
        assert.deepEqual(after.versions, before.versions);
      },
    ],
    [
      'reset-same-dimension',
      'a reset to another model of the same dimension drops the vectors too',
      async (t) => {
        const { backend } = await prepared(t);
        const result = await backend.vectors.reconcile(
          { model: 'other:model', dimension: testDimension },
          'reset',
        );
        assert.deepEqual([result.outcome, result.vectorsDropped], ['reset', 2]);
        assert.deepEqual(await near(backend, vector(1, 0, 0, 0)), []);
        const snapshots = await backend.catalog.snapshot({ version: fastify, limit: 9 });
        assert.deepEqual(
          snapshots.flatMap(({ chunks }) => chunks.map((one) => one.vector)),
          [null, null],
        );
      },
    ],
    [
      'reset-same-profile',
      'a reset to the current profile drops and counts every vector too, also those of unrecorded model',
      async (t) => {
        const { backend, profile } = await prepared(t);
        const before = await dump(backend);
        const { model, dimension } = { ...profile, model: testModel };
        const result = await backend.vectors.reconcile({ model, dimension }, 'reset');
        assert.deepEqual(result, { outcome: 'reset', profile, previous: profile, vectorsDropped: 2 });
        assert.deepEqual(await backend.vectors.profile(), profile);
        assert.deepEqual(await backend.vectors.stats(), { indexed: 0, without: 3, unusable: 0 });
        assert.deepEqual(await near(backend, vector(1, 0, 0, 0)), []);
        assert.equal((await ftsMatches(backend))?.length ?? 1, 1);
        assert.deepEqual((await dump(backend)).versions, before.versions);
        const { chunkIds } = await write(backend, fastify, '/a', [
          chunk('x', { vector: vector(1, 0, 0, 0) }),
        ]);
        assert.deepEqual(
          (await near(backend, vector(1, 0, 0, 0))).map(({ chunkId }) => chunkId),
          chunkIds,
        );
        const again = await backend.vectors.reconcile({ model, dimension }, 'reset');
        assert.deepEqual([again.outcome, again.vectorsDropped], ['reset', 1]);

        const { backend: other, known, unknown } = await withoutModel(t);
        const adopted = await other.vectors.reconcile({ model: 'a:b', dimension: testDimension }, 'reset');
        assert.deepEqual(adopted, { outcome: 'reset', profile: known, previous: unknown, vectorsDropped: 1 });
        assert.deepEqual(await near(other, vector(1, 0, 0, 0)), []);
      },
    ],
    [
      'reset-without-a-profile',
      'a reset of a store without a profile gives it the requested one',
      async (t) => {
        const backend = await t.open({ profile: false });
        await write(backend, fastify, '/a', [chunk('zebra')]);
        const { outcome, profile, previous, vectorsDropped } = await backend.vectors.reconcile(
          { model: 'a:b', dimension: 3 },
          'reset',
        );
        assert.deepEqual([outcome, previous, vectorsDropped], ['adopted', null, 0]);
        assert.deepEqual(await backend.vectors.profile(), profile);
      },
    ],
    [
      'after-a-reset',
      'after a reset, vectors of the new dimension are accepted and found, and those of the old one are rejected',
      async (t) => {
        const { backend } = await prepared(t);
        await backend.vectors.reconcile({ model: 'other:model', dimension: 2 }, 'reset');
        await rejects(
          () => write(backend, fastify, '/b', [chunk('x', { vector: vector(1, 0, 0, 0) })]),
          'STORAGE_DIMENSION_MISMATCH',
        );
        await rejects(() => near(backend, vector(1, 0, 0, 0)), 'STORAGE_DIMENSION_MISMATCH');
        const { chunkIds } = await write(backend, fastify, '/a', [chunk('zebra', { vector: vector(1, 0) })]);
        assert.deepEqual(
          (await near(backend, vector(1, 0))).map(({ chunkId }) => chunkId),
          chunkIds,
        );
        await backend.vectors.reconcile({ model: testModel, dimension: testDimension }, 'reset');
        assert.deepEqual(await near(backend, vector(1, 0, 0, 0)), []);
        const again = await write(backend, fastify, '/a', [chunk('zebra', { vector: vector(1, 0, 0, 0) })]);
        assert.deepEqual(
          (await near(backend, vector(1, 0, 0, 0))).map(({ chunkId }) => chunkId),
          again.chunkIds,
        );
      },
    ],
    [
      'bad-requests',
      'a dimension that is not a positive integer is a TypeError, and nothing is changed',
      async (t) => {
        const { backend } = await prepared(t);
        const before = await dump(backend);
        for (const dimension of [0, -4, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
          await rejectsAsMistake(
            () => backend.vectors.reconcile({ model: testModel, dimension }, 'reset'),
            `dimension ${dimension}`,
          );
        }
        assert.deepEqual(await dump(backend), before);
      },
    ],
  ],
  { capability: 'vectors' },
);
