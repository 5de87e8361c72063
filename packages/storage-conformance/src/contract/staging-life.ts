import assert from 'node:assert/strict';
import { testDimension, testModel } from '../suite/context.js';
import { contractGroup } from '../suite/contract-test.js';
import { rejects } from '../support/assertions.js';
import { chunk, fastify, vector, write } from '../support/build.js';
import { dump } from '../support/dump.js';
import { stagingOf } from '../support/every-call.js';
import { missingIds, near, needs, other, prepare, prepared, stageAll } from '../support/staged-store.js';

export const stagingLifeTests = contractGroup('staging', [
  [
    'written-meanwhile',
    'chunks written during staging are missing, and chunks deleted during staging are ignored',
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
    'a chunk replaced by another one with the same id is missing',
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
    'removing a version during staging discards its staged vectors',
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
    'an abort discards the staged vectors and nothing else; then another model can be begun',
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
    'a store without vectors gets them in the same way',
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
    'staged vectors survive reopening and can be committed',
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
    'another backend on the same store searches the old vectors until the commit and the new ones afterwards',
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
