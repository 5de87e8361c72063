import assert from 'node:assert/strict';
import { contractGroup } from '../suite/contract-test.js';
import { chunk, fastify, write } from '../support/build.js';
import { dump } from '../support/dump.js';

export const migratorTests = contractGroup('migrator', [
  [
    'status',
    'an opened store is current: its level is the latest',
    async (t) => {
      const { migrator } = await t.open();
      const status = await migrator.status();
      assert.equal(status.state, 'current');
      assert.equal(status.level, status.latest);
      assert.ok(Number.isSafeInteger(status.latest) && status.latest >= 0, String(status.latest));
    },
  ],
  [
    'plan',
    'the plan for a current store has no steps',
    async (t) => {
      const { migrator } = await t.open();
      const { latest } = await migrator.status();
      assert.deepEqual(await migrator.plan(), { from: latest, to: latest, steps: [] });
    },
  ],
  [
    'migrate',
    'migrating a current store changes nothing, also as a dry run',
    async (t) => {
      const backend = await t.open();
      await write(backend, fastify, '/a', [chunk('one')]);
      const before = await dump(backend);
      const { latest } = await backend.migrator.status();
      for (const dryRun of [true, false]) {
        const result = await backend.migrator.migrate({ dryRun });
        assert.deepEqual(result, { from: latest, to: latest, applied: [], dryRun });
      }
      assert.deepEqual(await dump(backend), before);
    },
  ],
]);
