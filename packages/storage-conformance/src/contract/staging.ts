import assert from 'node:assert/strict';
import type { ChunkId, EmbeddingProfile, StorageBackend, VectorStaging } from '@switchyard/storage-core';
import { type TestContext, testDimension, testModel } from '../suite/context.js';
import { contractGroup, type Need } from '../suite/contract-test.js';
import { rejects, rejectsAsMistake } from '../support/assertions.js';
import { chunk, fastify, under, vector, write } from '../support/build.js';
import { dump } from '../support/dump.js';
import { stagingOf } from '../support/every-call.js';

const needs: Need = { capability: 'reembedding' };
const other = { model: 'other:model', dimension: 2 };

const near = async (backend: StorageBackend, query: Float32Array): Promise<ChunkId[]> =>
  (await backend.vectors.nearest({ version: fastify, vector: query, limit: 9 })).map(
    ({ chunkId }) => chunkId,
  );
const words = (backend: StorageBackend) =>
  backend.fts.match({ version: fastify, terms: ['zebra'], limit: 9 });

interface Prepared {
  readonly backend: StorageBackend;
  readonly staging: VectorStaging;
  /** Two chunks of /a, of fastify, and one of /b, of another version, which has no vector. */
  readonly ids: readonly [ChunkId, ChunkId, ChunkId];
  readonly profile: EmbeddingProfile;
}

async function prepare(backend: StorageBackend): Promise<Prepared> {
  const [first = 0, second = 0] = (
    await write(backend, fastify, { url: '/a', title: 'Page A' }, [
      chunk('zebra', { vector: vector(1, 0, 0, 0), metadata: under(['Guide', 'Start']) }),
      chunk('okapi', { vector: vector(0, 1, 0, 0) }),
    ])
  ).chunkIds;
  const [third = 0] = (await write(backend, { library: 'pino', version: '' }, '/b', [chunk('gnu')])).chunkIds;
  const staging = stagingOf(backend);
  const { profile } = await staging.begin(other);
  return { backend, staging, ids: [first, second, third], profile };
}

const prepared = async (t: TestContext) => prepare(await t.open());

/** Stages a vector of two components for each chunk, in which the second chunk is the nearest to (1, 0). */
async function stageAll({ staging, ids, profile }: Prepared): Promise<void> {
  const [first, second, third] = ids;
  const vectors = [
    { chunkId: first, values: vector(0, 1) },
    { chunkId: second, values: vector(1, 0) },
    { chunkId: third, values: vector(1, 1) },
  ];
  await staging.stage({ profile, vectors });
}

const missingIds = async (staging: VectorStaging, after = 0, limit = 100): Promise<ChunkId[]> =>
  (await staging.missing({ after, limit })).map(({ chunkId }) => chunkId);

export const stagingTests = contractGroup('staging', [
  [
    'begin',
    'a re-embedding is begun once, goes on when it is begun again, and another one is refused that names it',
    async (t) => {
      const backend = await t.open();
      const staging = stagingOf(backend);
      assert.equal(await staging.status(), null);
      await write(backend, fastify, '/a', [chunk('zebra'), chunk('okapi')]);
      const metric = (await backend.vectors.profile())?.metric as EmbeddingProfile['metric'];
      const status = { profile: { ...other, metric }, staged: 0, givenUp: 0, total: 2 };
      assert.deepEqual(await staging.begin(other), status);
      assert.deepEqual(await staging.status(), status);
      const [first = 0] = await missingIds(staging);
      await staging.stage({ profile: status.profile, vectors: [{ chunkId: first, values: vector(1, 0) }] });
      assert.deepEqual(await staging.begin(other), { ...status, staged: 1 });
      for (const request of [
        { model: 'third:model', dimension: 2 },
        { model: other.model, dimension: 3 },
      ]) {
        const { message } = await rejects(() => staging.begin(request), 'STORAGE_STAGING_CONFLICT');
        assert.ok(message.includes(other.model), message);
      }
      assert.deepEqual(await staging.status(), { ...status, staged: 1 });
    },
    needs,
  ],
  [
    'begin-refused',
    'a profile that the backend cannot have is refused, and nothing is begun',
    async (t) => {
      const backend = await t.open();
      const staging = stagingOf(backend);
      const { maxDimension } = backend.capabilities;
      await rejects(
        () => staging.begin({ model: 'other:model', dimension: maxDimension + 1 }),
        'STORAGE_NOT_SUPPORTED',
      );
      await rejectsAsMistake(() => staging.begin({ model: 'other:model', dimension: 0 }), 'dimension 0');
      assert.equal(await staging.status(), null);
    },
    needs,
  ],
  [
    'missing',
    'chunks that are not done are given by id, in parts, with what their text to embed is made of',
    async (t) => {
      const { staging, ids, profile } = await prepared(t);
      const all = await staging.missing({ limit: 100 });
      assert.deepEqual(
        all.map(({ chunkId, content, page }) => [chunkId, content, page.url, page.title]),
        [
          [ids[0], 'zebra', '/a', 'Page A'],
          [ids[1], 'okapi', '/a', 'Page A'],
          [ids[2], 'gnu', '/b', null],
        ].sort((a, b) => Number(a[0]) - Number(b[0])),
      );
      assert.deepEqual(all.find(({ chunkId }) => chunkId === ids[0])?.metadata.path, ['Guide', 'Start']);
      assert.deepEqual(await missingIds(staging, 0, 1), [ids[0]]);
      assert.deepEqual(await missingIds(staging, ids[0], 1), [ids[1]]);
      assert.deepEqual(await missingIds(staging, ids[2]), []);
      await staging.stage({
        profile,
        vectors: [
          { chunkId: ids[0], values: vector(1, 0) },
          { chunkId: ids[1], values: null },
        ],
      });
      assert.deepEqual(await missingIds(staging), [ids[2]]);
      const { staged, givenUp, total } = (await staging.status()) ?? {};
      assert.deepEqual([staged, givenUp, total], [2, 1, 3]);
      await rejectsAsMistake(() => staging.missing({ limit: 0 }), 'limit 0');
    },
    needs,
  ],
  [
    'invisible',
    'what is staged is seen by no search and no read before it is complete and committed',
    async (t) => {
      const backend = await t.open();
      const state = async () => [
        await dump(backend),
        await near(backend, vector(1, 0, 0, 0)),
        await words(backend),
      ];
      const made = await prepare(backend);
      const before = await state();
      await stageAll(made);
      assert.deepEqual(await state(), before);
      await rejects(() => near(backend, vector(1, 0)), 'STORAGE_DIMENSION_MISMATCH');
    },
    needs,
  ],
  [
    'checks',
    'vectors are checked before any is staged: their dimension, their components, and of what model they are',
    async (t) => {
      const { staging, ids, profile } = await prepared(t);
      const good = { chunkId: ids[0], values: vector(1, 0) };
      const stage = (values: Float32Array, as = profile) =>
        staging.stage({ profile: as, vectors: [good, { chunkId: ids[1], values }] });
      await rejects(() => stage(vector(1, 0, 0)), 'STORAGE_DIMENSION_MISMATCH');
      await rejects(() => stage(vector(1, Number.NaN)), 'STORAGE_INVALID_VECTOR');
      await rejects(
        () => stage(vector(1, 0), { ...profile, model: 'third:model' }),
        'STORAGE_STAGING_CONFLICT',
      );
      await rejects(() => staging.commit({ ...profile, model: 'third:model' }), 'STORAGE_STAGING_CONFLICT');
      assert.equal((await staging.status())?.staged, 0);
    },
    needs,
  ],
  [
    'not-begun',
    'without a re-embedding, its calls are refused with STORAGE_STAGING_MISSING',
    async (t) => {
      const backend = await t.open();
      const staging = stagingOf(backend);
      const profile = { ...other, metric: backend.capabilities.metrics[0] };
      await rejects(() => staging.missing({ limit: 1 }), 'STORAGE_STAGING_MISSING');
      const vectors = [{ chunkId: 1, values: vector(1, 0) }];
      await rejects(() => staging.stage({ profile, vectors }), 'STORAGE_STAGING_MISSING');
      await rejects(() => staging.commit(profile), 'STORAGE_STAGING_MISSING');
      assert.equal(await staging.abort(), false);
    },
    needs,
  ],
  [
    'commit-incomplete',
    'while chunks are missing, a commit is refused saying how many, and nothing is changed',
    async (t) => {
      const { backend, staging, ids, profile } = await prepared(t);
      const before = await dump(backend);
      await staging.stage({ profile, vectors: [{ chunkId: ids[0], values: vector(1, 0) }] });
      const { message, details } = await rejects(() => staging.commit(profile), 'STORAGE_STAGING_INCOMPLETE');
      assert.ok(message.includes('2'), message);
      assert.equal(details?.missing, 2);
      assert.deepEqual(await dump(backend), before);
      assert.equal((await staging.status())?.staged, 1);
    },
    needs,
  ],
  [
    'commit',
    'a commit replaces every vector and the profile at once, leaves everything else, and ends the re-embedding',
    async (t) => {
      const made = await prepared(t);
      const { backend, staging, ids, profile } = made;
      const before = await dump(backend);
      const wordsBefore = await words(backend);
      await stageAll(made);
      assert.deepEqual(await staging.commit(profile), {
        profile,
        previous: before.profile,
        vectors: 3,
        givenUp: 0,
      });
      assert.deepEqual(await backend.vectors.profile(), profile);
      assert.deepEqual(await near(backend, vector(1, 0)), [ids[1], ids[0]]);
      await rejects(() => near(backend, vector(1, 0, 0, 0)), 'STORAGE_DIMENSION_MISMATCH');
      assert.deepEqual(await backend.vectors.stats(), { indexed: 3, without: 0, unusable: 0 });
      assert.deepEqual(await words(backend), wordsBefore);
      assert.equal(await staging.status(), null);
      const bare = ({ pages }: typeof before) =>
        pages.map(({ page, chunks }) => ({ page, chunks: chunks.map((one) => ({ ...one, vector: null })) }));
      const after = await dump(backend);
      assert.deepEqual(bare(after), bare(before));
      assert.deepEqual(after.versions, before.versions);
      await rejects(
        () => backend.vectors.reconcile({ model: testModel, dimension: testDimension }, 'refuse'),
        'STORAGE_MODEL_CHANGED',
      );
      const { outcome } = await backend.vectors.reconcile(other, 'refuse');
      assert.equal(outcome, 'unchanged');
      const later = await write(backend, fastify, '/c', [chunk('late', { vector: vector(1, 0) })]);
      assert.deepEqual(
        (await near(backend, vector(1, 0))).toSorted(),
        [ids[0], ids[1], ...later.chunkIds].toSorted(),
      );
      if (backend.capabilities.vectorMaintenance) {
        assert.deepEqual((await backend.vectors.audit()).problems, []);
      }
    },
    needs,
  ],
  [
    'commit-same-dimension',
    'vectors of another model of the same dimension are searched right after the commit, also where they were searched before',
    async (t) => {
      const backend = await t.open();
      const [first = 0, second = 0] = (
        await write(backend, fastify, '/a', [
          chunk('zebra', { vector: vector(1, 0, 0, 0) }),
          chunk('okapi', { vector: vector(0, 1, 0, 0) }),
        ])
      ).chunkIds;
      assert.deepEqual(await near(backend, vector(1, 0, 0, 0)), [first, second]);
      const staging = stagingOf(backend);
      const { profile } = await staging.begin({ model: 'other:model', dimension: testDimension });
      const vectors = [
        { chunkId: first, values: vector(0, 1, 0, 0) },
        { chunkId: second, values: vector(1, 0, 0, 0) },
      ];
      await staging.stage({ profile, vectors });
      assert.deepEqual(await near(backend, vector(1, 0, 0, 0)), [first, second]);
      await staging.commit(profile);
      assert.deepEqual(await near(backend, vector(1, 0, 0, 0)), [second, first]);
    },
    needs,
  ],
  [
    'given-up',
    'a chunk that was given up does not hold the commit, has no vector afterwards, and is found by words',
    async (t) => {
      const { backend, staging, ids, profile } = await prepared(t);
      const stage = (chunkId: ChunkId, values: Float32Array | null) =>
        staging.stage({ profile, vectors: [{ chunkId, values }] });
      await stage(ids[0], vector(1, 0));
      await stage(ids[0], null);
      await stage(ids[1], null);
      await stage(ids[1], vector(1, 0));
      await stage(ids[2], vector(1, 0));
      const { vectors, givenUp } = await staging.commit(profile);
      assert.deepEqual([vectors, givenUp], [2, 1]);
      assert.deepEqual(await near(backend, vector(1, 0)), [ids[1]]);
      assert.deepEqual(await backend.vectors.stats(), { indexed: 2, without: 1, unusable: 0 });
      assert.deepEqual(
        (await words(backend)).map(({ chunkId }) => chunkId),
        [ids[0]],
      );
    },
    needs,
  ],
  [
    'written-meanwhile',
    'chunks that are written meanwhile are missing, and those that are gone are ignored',
    async (t) => {
      const made = await prepared(t);
      const { backend, staging, ids, profile } = made;
      await stageAll(made);
      const again = await write(backend, fastify, '/a', [chunk('zebra', { vector: vector(0, 0, 1, 0) })]);
      assert.equal(again.chunksReplaced, 2);
      assert.deepEqual(await missingIds(staging), again.chunkIds);
      assert.equal((await staging.status())?.staged, 1);
      await rejects(() => staging.commit(profile), 'STORAGE_STAGING_INCOMPLETE');
      const values = vector(1, 0);
      await staging.stage({
        profile,
        vectors: [
          { chunkId: ids[0], values },
          { chunkId: ids[1], values },
        ],
      });
      assert.equal((await staging.status())?.staged, 1);
      await staging.stage({ profile, vectors: again.chunkIds.map((chunkId) => ({ chunkId, values })) });
      const { vectors } = await staging.commit(profile);
      assert.equal(vectors, 2);
      assert.deepEqual(await near(backend, values), again.chunkIds);
    },
    needs,
  ],
  [
    'written-under-the-same-id',
    'a chunk that is replaced by another one with the same id is missing',
    async (t) => {
      const made = await prepared(t);
      const { backend, staging, ids } = made;
      await stageAll(made);
      await backend.apply([{ kind: 'deletePage', page: { version: fastify, url: '/a' } }]);
      await write(backend, fastify, '/d', [chunk('another text', { id: ids[0] })]);
      assert.deepEqual(await missingIds(staging), [ids[0]]);
    },
    needs,
    { capability: 'assignedIds' },
  ],
  [
    'removed-version',
    'removing versions meanwhile takes what was staged for them',
    async (t) => {
      const made = await prepared(t);
      const { backend, staging, profile } = made;
      await stageAll(made);
      const [{ chunksDeleted }] = await backend.apply([{ kind: 'removeVersion', version: fastify }]);
      assert.equal(chunksDeleted, 2);
      const { staged, total } = (await staging.status()) ?? {};
      assert.deepEqual([staged, total], [1, 1]);
      assert.equal((await staging.commit(profile)).vectors, 1);
      assert.deepEqual(await near(backend, vector(1, 0)), []);
    },
    needs,
  ],
  [
    'abort',
    'an abort throws away what is staged, and nothing else; then another model may be begun',
    async (t) => {
      const made = await prepared(t);
      const { backend, staging, profile, ids } = made;
      const before = await dump(backend);
      await stageAll(made);
      assert.equal(await staging.abort(), true);
      assert.equal(await staging.status(), null);
      assert.equal(await staging.abort(), false);
      assert.deepEqual(await dump(backend), before);
      await rejects(() => stageAll(made), 'STORAGE_STAGING_MISSING');
      await rejects(() => staging.commit(profile), 'STORAGE_STAGING_MISSING');
      const again = await staging.begin({ model: 'third:model', dimension: 3 });
      assert.equal(again.staged, 0);
      assert.deepEqual(await missingIds(staging), ids);
      await rejects(() => stageAll(made), 'STORAGE_STAGING_CONFLICT');
    },
    needs,
  ],
  [
    'without-profile',
    'a store that had no vectors gets them in the same way',
    async (t) => {
      const backend = await t.open({ profile: false });
      const { chunkIds } = await write(backend, fastify, '/a', [chunk('zebra')]);
      const staging = stagingOf(backend);
      const { profile } = await staging.begin(other);
      const values = vector(1, 0);
      await staging.stage({ profile, vectors: chunkIds.map((chunkId) => ({ chunkId, values })) });
      assert.deepEqual(await staging.commit(profile), { profile, previous: null, vectors: 1, givenUp: 0 });
      assert.deepEqual(await backend.vectors.profile(), profile);
      assert.deepEqual(await near(backend, values), chunkIds);
    },
    needs,
  ],
  [
    'survives',
    'what was staged is there when the store is opened again, and can be committed',
    async (t) => {
      const store = await t.openStore();
      const made = await prepare(store.backend);
      await stageAll(made);
      const backend = await store.again();
      const staging = stagingOf(backend);
      assert.deepEqual(await staging.status(), { profile: made.profile, staged: 3, givenUp: 0, total: 3 });
      await staging.commit(made.profile);
      assert.deepEqual(await near(backend, vector(1, 0)), [made.ids[1], made.ids[0]]);
    },
    needs,
    { capability: 'persistent' },
    { hook: 'reopen' },
  ],
  [
    'seen-by-another-connection',
    'another backend on the same store searches the old vectors until the commit and the new ones from then on',
    async (t) => {
      const { backend, reopen } = await t.openStore();
      assert.ok(reopen !== undefined);
      const second = await reopen();
      await second.open();
      const [first = 0, last = 0] = (
        await write(backend, fastify, '/a', [
          chunk('zebra', { vector: vector(1, 0, 0, 0) }),
          chunk('okapi', { vector: vector(0, 1, 0, 0) }),
        ])
      ).chunkIds;
      assert.deepEqual(await near(second, vector(1, 0, 0, 0)), [first, last]);
      const staging = stagingOf(backend);
      const { profile } = await staging.begin({ model: 'other:model', dimension: testDimension });
      const values = vector(1, 0, 0, 0);
      await staging.stage({ profile, vectors: [{ chunkId: last, values }] });
      await stagingOf(second).stage({ profile, vectors: [{ chunkId: first, values: vector(0, 1, 0, 0) }] });
      assert.deepEqual(await near(second, values), [first, last]);
      await staging.commit(profile);
      assert.deepEqual(await near(second, values), [last, first]);
      assert.equal(await stagingOf(second).status(), null);
      await rejects(
        () => second.vectors.reconcile({ model: testModel, dimension: testDimension }, 'refuse'),
        'STORAGE_MODEL_CHANGED',
      );
    },
    needs,
    { capability: 'persistent' },
    { capability: 'multiProcess' },
    { hook: 'reopen' },
  ],
]);
