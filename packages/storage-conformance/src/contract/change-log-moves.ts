import assert from 'node:assert/strict';
import type { Mutation } from '@switchyard/storage-core';
import type { StageChange } from '@switchyard/storage-core/backend';
import { contractGroup, type Need } from '../suite/contract-test.js';
import { rejects } from '../support/assertions.js';
import { chunk, fastify, replacePage, write } from '../support/build.js';
import { dump } from '../support/dump.js';
import {
  boot,
  changeFor,
  done,
  drain,
  epochs,
  everyKey,
  fill,
  fillKey,
  goLive,
  library,
  move,
  openPair,
  page,
  pageKey,
  put,
  refused,
  take,
} from '../support/rollout-pair.js';

const needs: Need = { capability: 'changeLog' };

/** Moving libraries from one side to the other. */
export const changeLogMoveTests = contractGroup('change-log', [
  [
    'epochs',
    'a write of another epoch, or to the side that does not hold the library, is rejected with STORAGE_EPOCH_CHANGED; one that changes a library without an epoch with STORAGE_MUTATION_SPANS; nothing is written',
    async (t) => {
      const { old, new: other } = await openPair(t, fill);
      const before = [await dump(old.backend), await dump(other.backend)];
      for (const epoch of [0, 2]) {
        const { outcome, retryable, details } = await rejects(
          () => old.backend.apply([page('/a', 'x')], epochs(epoch)),
          'STORAGE_EPOCH_CHANGED',
          `epoch ${epoch}`,
        );
        assert.deepEqual([outcome, retryable], ['not-applied', true]);
        assert.deepEqual({ epoch: details?.epoch, holder: details?.holder }, { epoch: 1, holder: 'old' });
      }
      await rejects(() => other.backend.apply([page('/a', 'x')], epochs(1)), 'STORAGE_EPOCH_CHANGED', 'side');
      const spanning = [page('/a', 'x'), replacePage({ library: 'pino', version: '9' }, '/p', [chunk('x')])];
      await rejects(() => old.backend.apply(spanning, epochs(1)), 'STORAGE_MUTATION_SPANS', 'two libraries');
      assert.deepEqual([await dump(old.backend), await dump(other.backend)], before);
      await old.backend.apply(spanning, { epochs: { fastify: 1, pino: 1 } });
    },
    needs,
  ],
  [
    'operations',
    'a repeated operation returns its first results and writes nothing, on the other side too once it was drained and moved',
    async (t) => {
      const pair = await openPair(t, fill);
      const { backend } = pair.old;
      const operationId = 'operation-1';
      const mutations = [page('/a', 'one'), page('/c', 'two')];
      const results = await backend.apply(mutations, { ...epochs(1), operationId });
      const before = await dump(backend);
      assert.deepEqual(await backend.apply(mutations, { ...epochs(1), operationId }), results);
      assert.deepEqual(await dump(backend), before);
      const absent: Mutation = { kind: 'deletePage', page: { version: fastify, url: '/c2' } };
      const nothing = await backend.apply([absent], { ...epochs(1), operationId: 'operation-2' });
      await backend.apply([page('/c2', 'three')], epochs(1));

      for (const { key } of await everyKey(pair.old.backend)) await fillKey(pair, key);
      await drain(pair, 'old', library);
      await goLive(pair);
      await move(pair, library, 'new');
      const moved = await dump(pair.new.backend);
      assert.deepEqual(await pair.new.backend.apply(mutations, { ...epochs(2), operationId }), results);
      const again = pair.new.backend.apply([absent], { ...epochs(2), operationId: 'operation-2' });
      assert.deepEqual(await again, nothing);
      assert.deepEqual(await dump(pair.new.backend), moved);
    },
    needs,
  ],
  [
    'moving',
    'a fence needs the stage, the marker and the epoch, and stops all writes; after drain and admission the other side takes them, with ids of its own range; and back again',
    async (t) => {
      const pair = await openPair(t);
      const { old, new: other } = pair;
      await fill(old.backend);
      await drain(pair, 'old', library);
      const row = { epoch: 2, holder: 'new' } as const;
      refused(await old.log.fence(library, 1, row, 1), 'not-permitted');
      await goLive(pair);
      refused(await old.log.fence(library, 2, row, 1), 'conflict');
      refused(await old.log.fence(library, 1, row, null), 'not-filled');
      await old.backend.apply([page('/a', 'just before')], epochs(1));
      done(await old.log.fence(library, 1, row, 1));
      for (const side of [old, other]) {
        for (const epoch of [1, 2]) {
          const call = () => side.backend.apply([page('/a', 'x')], epochs(epoch));
          await rejects(call, 'STORAGE_EPOCH_CHANGED', `epoch ${epoch}`);
        }
        await rejects(() => write(side.backend, fastify, '/a', []), 'STORAGE_EPOCH_CHANGED', 'no epoch');
      }
      await drain(pair, 'old', library);
      done(await other.log.admit(library, 2));
      done(await other.log.admit(library, 2));
      refused(await other.log.admit(library, 1), 'stale-epoch');
      refused(await put(other.log, library, await changeFor(other, '/a')), 'not-secondary');

      const [written] = await other.backend.apply([page('/new', 'of new')], epochs(2));
      assert.equal(written.kind, 'replacePage');
      if (written.kind === 'replacePage') {
        assert.ok(written.pageId < 2 ** 40 && (written.chunkIds[0] ?? 0) < 2 ** 40);
      }
      const [elsewhere] = await old.backend.apply([
        { kind: 'resolveVersion', library: 'pino', version: '9' },
      ]);
      assert.ok(elsewhere.versionId >= 2 ** 40);
      await move(pair, library, 'old');
      const kept = await old.backend.catalog.chunksByUrl(fastify, '/new');
      assert.deepEqual(kept, await other.backend.catalog.chunksByUrl(fastify, '/new'));
      await old.backend.apply([page('/a', 'back')], epochs(3));
    },
    needs,
  ],
  [
    'reboots',
    'another boot begins a new epoch with a gap: no backfill, no fence, no clean log until the other side was asked for what it holds beyond, which is written again',
    async (t) => {
      const pair = await openPair(t, fill);
      const { old, new: other } = pair;
      await old.backend.apply([page('/a', 'kept')], epochs(1));
      await drain(pair, 'old', library);
      const lost = { ...(await changeFor(old, '/a')), position: { epoch: 1, sequence: 9 }, stamp: 99 };
      await put(other.log, library, lost);

      done(await old.log.connect(boot));
      assert.deepEqual((await old.log.readAuthority(library)).authority, { epoch: 1, holder: 'old' });
      done(await old.log.connect('boot-2'));
      const authority = { epoch: 2, holder: 'old' } as const;
      assert.deepEqual((await old.log.readAuthority(library)).authority, authority);
      refused(await old.log.sync(boot), 'rebooted');
      refused(await old.log.markFilled(library, 2, boot), 'rebooted');
      done(await old.log.sync('boot-2'));
      const gaps = [{ epoch: 1, sequence: 1 }];
      assert.deepEqual(await old.log.takeChange(library, null), { gaps, authority });
      assert.equal(await old.log.readLast(library), null);
      refused(await old.log.takePosition(library), 'gap-open');
      await rejects(() => old.backend.apply([page('/a', 'x')], epochs(1)), 'STORAGE_EPOCH_CHANGED', 'epoch');

      const announced = await other.log.announce(library, authority, gaps);
      assert.ok('orphans' in announced);
      assert.deepEqual(
        announced.orphans.map(({ key, position }) => [key, position.sequence]),
        [[pageKey('/a'), 9]],
      );
      refused(await put(other.log, library, lost, 1), 'stale-epoch');
      refused(await other.log.announce(library, { epoch: 1, holder: 'old' }, gaps), 'stale-epoch');
      for (const orphan of announced.orphans) {
        refused(await old.log.carryBack(library, orphan, 1), 'stale-epoch');
        done(await old.log.carryBack(library, orphan, 2));
      }
      refused(await old.log.closeGaps(library, 1), 'stale-epoch');
      done(await old.log.closeGaps(library, 2));
      const carried = await take(old.log, library);
      assert.deepEqual([carried.key, carried.position.epoch], [pageKey('/a'), 2]);
      await old.backend.apply([page('/a', 'later')], epochs(2));
      for (const orphan of announced.orphans) done(await old.log.carryBack(library, orphan, 2));
      assert.equal((await old.backend.catalog.chunksByUrl(fastify, '/a'))[0]?.content, 'later');
    },
    needs,
  ],
  [
    'shorter-logs',
    'a log that is shorter than what was seen of it says so, and raise() begins a new epoch with a gap',
    async (t) => {
      const { old } = await openPair(t, fill);
      await old.backend.apply([page('/a', 'one')], epochs(1));
      const seen = { epoch: 1, sequence: 5 };
      assert.deepEqual(await old.log.takeChange(library, seen), { behind: 1 });
      refused(await old.log.raise(library, 2, seen), 'conflict');
      done(await old.log.raise(library, 1, { epoch: 1, sequence: 1 }));
      assert.deepEqual((await old.log.readAuthority(library)).authority.epoch, 1);
      done(await old.log.raise(library, 1, seen));
      const taken = await old.log.takeChange(library, seen);
      assert.deepEqual(taken, {
        gaps: [{ epoch: 1, sequence: 1 }],
        authority: { epoch: 2, holder: 'old' },
      });
    },
    needs,
  ],
  [
    'backfill',
    'a backfill puts what did not change since its position, leaves the rest to the drain, never replaces what is newer, and deletes what the authority lacks',
    async (t) => {
      const pair = await openPair(t, fill);
      const { old, new: other } = pair;
      const taken = await old.log.takePosition(library);
      assert.ok('position' in taken);
      const since = taken.position;
      await old.backend.apply([page('/empty', 'changed')], epochs(1));
      assert.deepEqual(await old.log.readPage(library, pageKey('/empty'), since), { changed: true });
      refused(await old.log.readPage(library, pageKey('/a'), { epoch: 2, sequence: 0 }), 'stale-epoch');
      await drain(pair, 'old', library);
      const stray = {
        ...(await changeFor(old, '/a')),
        key: pageKey('/a'),
        position: { epoch: 0, sequence: 0 },
      };
      await put(other.log, library, stray);
      for (const { key } of [...(await everyKey(old.backend)), { key: pageKey('/never') }]) {
        await fillKey(pair, key, since);
      }
      assert.deepEqual(await dump(other.backend), await dump(old.backend));
      done(await other.log.markFilled(library, 1, boot));
      assert.equal((await other.log.readAuthority(library)).filled, 1);
      refused(await other.log.takePosition(library), 'not-holder');
    },
    needs,
  ],
  [
    'libraries-of-off',
    'a library that was created in off is recorded when logging begins again, held by the old side and not filled',
    async (t) => {
      const pair = await openPair(t, fill);
      const { log, backend } = pair.old;
      const change = (expected: number, kind: 'promote' | 'demote', filled = {}) => {
        const command = kind === 'promote' ? ({ kind } as const) : ({ kind, to: 'off' } as const);
        return log.changeStage({ expected, command, filled });
      };
      done(await change(1, 'demote'));
      await write(backend, { library: 'pino', version: '9' }, '/p', [chunk('of off')]);
      await backend.apply([{ kind: 'resolveVersion', library: 'undici', version: '7' }], {
        epochs: { undici: 1 },
      });
      done(await change(2, 'promote'));
      assert.deepEqual(await log.libraries(), [library, 'pino', 'undici']);
      for (const name of ['pino', 'undici']) {
        assert.deepEqual(await log.readAuthority(name), {
          authority: { epoch: 1, holder: 'old' },
          filled: null,
        });
      }
      refused(await change(3, 'promote', { [library]: 2 }), 'not-filled');
      refused(await change(3, 'promote', { [library]: 2, pino: 1 }), 'not-filled');
      done(await change(3, 'promote', { [library]: 2, pino: 1, undici: 1 }));
    },
    needs,
  ],
  [
    'resets-void-markers',
    'a reset of all vectors is not logged and not refused on either side: it begins a new epoch of what is held here, and takes the markers of the rest',
    async (t) => {
      const pair = await openPair(t, fill);
      const { old, new: other } = pair;
      for (const { key } of await everyKey(old.backend)) await fillKey(pair, key);
      done(await other.log.markFilled(library, 1, boot));
      const current = await old.backend.vectors.profile();
      assert.ok(current !== null);
      const profile = { ...current, model: 'contract:other' };
      assert.equal((await other.backend.vectors.reconcile(profile, 'reset')).outcome, 'reset');
      assert.deepEqual(await other.log.readAuthority(library), {
        authority: { epoch: 1, holder: 'old' },
        filled: null,
      });
      done(await other.log.markFilled(library, 1, boot));
      assert.equal((await old.backend.vectors.reconcile(profile, 'reset')).outcome, 'reset');
      const authority = { epoch: 2, holder: 'old' } as const;
      assert.deepEqual((await old.log.readAuthority(library)).authority, authority);
      assert.deepEqual(await old.log.takeChange(library, null), { clean: authority });
      for (const { key } of await everyKey(old.backend)) await fillKey(pair, key, { epoch: 2, sequence: 0 });
      assert.deepEqual(await dump(other.backend), await dump(old.backend));
    },
    needs,
    { capability: 'vectors' },
  ],
  [
    'stage-of-both-sides',
    'the stage is decided on the old side up to shadow and on the new one from live on, and carried to the other; an earlier row, and another one of the same revision, are refused',
    async (t) => {
      const { old, new: other } = await openPair(t);
      const change = ({ log }: typeof old, expected: number, command: StageChange) =>
        log.changeStage({ expected, command, filled: {} });
      const rowOf = async ({ log }: typeof old) => (await log.readControl()).row;
      refused(await change(other, 1, { kind: 'promote' }), 'not-holder');
      done(await change(old, 1, { kind: 'promote' }));
      done(await change(old, 2, { kind: 'promote' }));
      const live = { revision: 3, stage: 'live', latched: false } as const;
      assert.deepEqual(await rowOf(old), live);
      refused(await change(old, 3, { kind: 'demote', to: 'shadow' }), 'not-holder');
      refused(await change(other, 1, { kind: 'promote' }), 'not-holder');
      done(await other.log.carryStage(live));
      done(await other.log.carryStage(live));
      refused(await other.log.carryStage({ ...live, latched: true }), 'conflict');
      refused(await other.log.carryStage({ ...live, revision: 2, stage: 'shadow' }), 'stale-epoch');
      done(await change(other, 3, { kind: 'promote' }));
      refused(await change(other, 4, { kind: 'demote', to: 'off' }), 'not-permitted');
      done(await change(other, 4, { kind: 'latch', to: 'shadow' }));
      refused(await change(other, 5, { kind: 'promote' }), 'not-holder');
      done(await old.log.carryStage(await rowOf(other)));
      assert.deepEqual(await rowOf(old), { revision: 5, stage: 'shadow', latched: true });
      done(await change(old, 5, { kind: 'demote', to: 'off' }));
    },
    needs,
  ],
  [
    'stages',
    'the stage changes by compare-and-set, up one at a time and only when clean and filled, down at once; off ends logging and begins a new epoch',
    async (t) => {
      const pair = await openPair(t, fill);
      const { log, backend } = pair.old;
      const promote = (expected: number, filled: Record<string, number | null>) =>
        log.changeStage({ expected, command: { kind: 'promote' }, filled });
      refused(await promote(2, { fastify: 1 }), 'conflict');
      refused(await promote(1, { fastify: null }), 'not-filled');
      await backend.apply([page('/a', 'dirty')], epochs(1));
      refused(await promote(1, { fastify: 1 }), 'dirty');
      await drain(pair, 'old', library);
      done(await promote(1, { fastify: 1 }));
      done(await log.changeStage({ expected: 2, command: { kind: 'latch', to: 'dualwrite' }, filled: {} }));
      assert.deepEqual((await log.readControl()).row, { revision: 3, stage: 'dualwrite', latched: true });
      refused(
        await log.changeStage({ expected: 3, command: { kind: 'demote', to: 'live' }, filled: {} }),
        'not-permitted',
      );
      done(await log.changeStage({ expected: 3, command: { kind: 'demote', to: 'off' }, filled: {} }));
      assert.deepEqual((await log.readAuthority(library)).authority, { epoch: 2, holder: 'old' });
      await backend.apply([page('/a', 'unlogged')]);
      assert.deepEqual(await log.takeChange(library, null), { clean: { epoch: 2, holder: 'old' } });
      refused(await log.takePosition(library), 'not-permitted');
      done(await promote(4, {}));
      await backend.apply([page('/a', 'logged')]);
      assert.equal((await take(log, library)).position.epoch, 2);
    },
    needs,
  ],
]);
