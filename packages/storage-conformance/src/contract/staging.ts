import assert from 'node:assert/strict';
import type { ChunkId, EmbeddingProfile } from '@switchyard/storage-core';
import { testDimension, testModel } from '../suite/context.js';
import { contractGroup } from '../suite/contract-test.js';
import { rejects, rejectsAsMistake } from '../support/assertions.js';
import { chunk, fastify, vector, write } from '../support/build.js';
import { assertMatches } from '../support/declared.js';
import { dump } from '../support/dump.js';
import { stagingOf } from '../support/every-call.js';
import {
  ftsMatches,
  missingIds,
  near,
  needs,
  other,
  prepare,
  prepared,
  stageAll,
} from '../support/staged-store.js';

export const stagingTests = contractGroup('staging', [
  [
    'begin',
    'beginning a re-embedding again resumes it; beginning another one is rejected, naming the first',
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
    'a profile that the backend does not support is rejected, and nothing is begun',
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
    'missing chunks are listed by id, in batches, with everything that makes up their text to embed',
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
    'staged vectors are invisible to searches and reads until they are complete and committed',
    async (t) => {
      const backend = await t.open();
      const state = async () => [
        await dump(backend),
        await near(backend, vector(1, 0, 0, 0)),
        await ftsMatches(backend),
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
    'vectors are checked before any is staged: dimension, components and model',
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
    'without a re-embedding, its calls are rejected with STORAGE_STAGING_MISSING',
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
    'a commit with missing chunks is rejected, reports how many, and changes nothing',
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
      const ftsBefore = await ftsMatches(backend);
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
      assert.deepEqual(await ftsMatches(backend), ftsBefore);
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
    'vectors of another model of the same dimension are searched right after the commit, even where the old ones were searched before',
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
    'a chunk that was given up does not block the commit, has no vector afterwards, and is found by full text',
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
      await assertMatches(backend, fastify, 'zebra', [ids[0]]);
    },
    needs,
  ],
]);
