import assert from 'node:assert/strict';
import type { JsonValue } from '@switchyard/storage-core';
import { contractGroup, type Need } from '../suite/contract-test.js';
import { rejects } from '../support/assertions.js';
import { chunk, fastify, resolve, write } from '../support/build.js';
import { dump } from '../support/dump.js';
import {
  boot,
  done,
  drain,
  epochs,
  fill,
  library,
  logOf,
  openPair,
  page,
  pageKey,
  put,
  refused,
  take,
} from '../support/rollout-pair.js';

const needs: Need = { capability: 'changeLog' };

/** Recording changes and putting them on the other side. */
export const changeLogTests = contractGroup('change-log', [
  [
    'enrolment',
    'install() changes no row and may be repeated, but not for the other side; remove() ends it; calls without it are rejected with STORAGE_NOT_FOUND',
    async (t) => {
      const backend = await t.open();
      const log = logOf(backend);
      await fill(backend);
      const before = await dump(backend);
      for (const call of [() => log.takeChange(library, null), () => log.sync(boot), () => log.triggers()]) {
        await rejects(call, 'STORAGE_NOT_FOUND', 'before enrolment');
      }
      await log.install({ side: 'old', boot });
      await log.install({ side: 'old', boot });
      const other = await rejects(
        () => log.install({ side: 'new', boot }),
        'STORAGE_CONSTRAINT',
        'the other side',
      );
      assert.equal(other.outcome, 'not-applied');
      assert.deepEqual(await log.libraries(), [library]);
      assert.deepEqual(await log.triggers(), { missing: [] });
      assert.deepEqual(await dump(backend), before);
      assert.equal(await log.remove(), true);
      assert.equal(await log.remove(), false);
      assert.deepEqual(await dump(backend), before);
      await write(backend, fastify, '/c', [chunk('after')]);
    },
    needs,
  ],
  [
    'positions',
    'a write is logged with one entry a key, in the order of its changes; a later write of a key moves its entry; clear() of an earlier position clears nothing',
    async (t) => {
      const { old } = await openPair(t, (backend) => resolve(backend, library, '5.6.0'));
      await old.backend.apply([page('/a', 'one'), page('/b', 'two')], epochs(1));
      const first = await take(old.log, library);
      assert.deepEqual(first.key, pageKey('/a'));
      assert.deepEqual(first.position, { epoch: 1, sequence: 1 });
      assert.equal(await old.log.readLast(library), null);
      done(await old.log.clear(library, { ...first, key: pageKey('/c') }));
      assert.deepEqual(await take(old.log, library), first);
      await old.backend.apply([page('/a', 'three')], epochs(1));
      done(await old.log.clear(library, first));
      const second = await take(old.log, library);
      assert.deepEqual(second.key, pageKey('/b'));
      done(await old.log.clear(library, second));
      const third = await take(old.log, library);
      assert.deepEqual([third.key, third.position], [pageKey('/a'), { epoch: 1, sequence: 3 }]);
      assert.notEqual(third.stamp, first.stamp);
      done(await old.log.clear(library, third));
      assert.deepEqual(await old.log.takeChange(library, null), { clean: { epoch: 1, holder: 'old' } });
      assert.deepEqual(await old.log.readLast(library), { epoch: 1, sequence: 3 });
    },
    needs,
  ],
  [
    'unaware-writes',
    'writes without an epoch are logged on the side that holds the library, deletions and new libraries included, and refused on the new side',
    async (t) => {
      const pair = await openPair(t, fill);
      const { backend } = pair.old;
      await backend.apply([
        { kind: 'deletePage', page: { version: fastify, url: '/a' } },
        { kind: 'setVersionStatus', version: { library, version: '' }, status: 'completed' },
        { kind: 'removeVersion', version: { library: 'fastify', version: '' } },
      ]);
      await write(backend, { library: 'pino', version: '9' }, '/p', [chunk('pino')]);
      const keys = await drain(pair, 'old', library);
      assert.deepEqual(new Set(keys.map(({ kind }) => kind)), new Set(['page', 'version']));
      assert.deepEqual(
        (await drain(pair, 'old', 'pino')).map(({ kind }) => kind),
        ['library', 'version', 'page'],
      );
      const [pino] = await pair.new.backend.catalog.versions({ library: 'pino' });
      assert.deepEqual(pino, await backend.catalog.version({ library: 'pino', version: '9' }));
      const before = await dump(pair.new.backend);
      const refusal = await rejects(
        () => write(pair.new.backend, fastify, '/x', [chunk('x')]),
        'STORAGE_EPOCH_CHANGED',
        'new side',
      );
      assert.equal(refusal.outcome, 'not-applied');
      assert.deepEqual(await dump(pair.new.backend), before);
    },
    needs,
  ],
  [
    'puts-carry-everything',
    'a drained store equals the authority: ids, timestamps, states of versions, vector bytes, and what was deleted',
    async (t) => {
      const pair = await openPair(t);
      await fill(pair.old.backend);
      await write(pair.old.backend, fastify, '/gone', [chunk('gone')]);
      await pair.old.backend.apply([{ kind: 'deletePage', page: { version: fastify, url: '/gone' } }]);
      await drain(pair, 'old', library);
      assert.deepEqual(await dump(pair.new.backend), await dump(pair.old.backend));
      await pair.old.backend.apply([
        { kind: 'removeVersion', version: { library, version: '' } },
        { kind: 'removeVersion', version: fastify },
      ]);
      await drain(pair, 'old', library);
      assert.deepEqual(await dump(pair.new.backend), await dump(pair.old.backend));
      assert.deepEqual(await pair.new.backend.catalog.libraries(), []);
    },
    needs,
  ],
  [
    'older-puts-change-nothing',
    'a put that is not newer changes nothing, also where the page was deleted since; the answer says what was seen',
    async (t) => {
      const pair = await openPair(t, (backend) => resolve(backend, library, '5.6.0'));
      const { backend, log } = pair.old;
      await backend.apply([page('/a', 'first')], epochs(1));
      const first = await take(log, library);
      await backend.apply([page('/a', 'second')], epochs(1));
      const second = await take(log, library);
      await backend.apply([{ kind: 'deletePage', page: { version: fastify, url: '/a' } }], epochs(1));
      const third = await take(log, library);
      assert.equal(third.row, null);

      const answers: Awaited<ReturnType<typeof put>>[] = [];
      for (const change of [second, first, third, second, first]) {
        answers.push(await put(pair.new.log, library, change));
        const found = await pair.new.backend.catalog.chunksByUrl(fastify, '/a');
        const isDeleted = answers.length > 2;
        assert.deepEqual(
          found.map(({ content }) => content),
          isDeleted ? [] : ['second'],
        );
      }
      assert.deepEqual(
        answers.map(
          (answer) => 'applied' in answer && [answer.applied, answer.differs, answer.seen.sequence],
        ),
        [
          [true, false, 2],
          [false, false, 2],
          [true, false, 3],
          [false, false, 3],
          [false, false, 3],
        ],
      );
    },
    needs,
  ],
  [
    'positions-used-twice',
    'another state at the same position replaces the one that is here, and this side is not filled any more; the same state is neither',
    async (t) => {
      const pair = await openPair(t, (backend) => resolve(backend, library, '5.6.0'));
      await pair.old.backend.apply([page('/a', 'lost')], epochs(1));
      const lost = await take(pair.old.log, library);
      await put(pair.new.log, library, lost);
      done(await pair.new.log.markFilled(library, 1, boot));
      const again = await put(pair.new.log, library, lost);
      assert.ok('differs' in again && !again.differs && !again.applied);
      assert.equal((await pair.new.log.readAuthority(library)).filled, 1);

      await pair.old.backend.apply([page('/a', 'written instead')], epochs(1));
      const instead = { ...(await take(pair.old.log, library)), position: lost.position };
      const differing = await put(pair.new.log, library, instead);
      assert.ok('differs' in differing && differing.differs && differing.applied);
      assert.equal((await pair.new.log.readAuthority(library)).filled, null);
      const [found] = await pair.new.backend.catalog.chunksByUrl(fastify, '/a');
      assert.equal(found?.content, 'written instead');
    },
    needs,
  ],
  [
    'rows-logged-again',
    'relog() makes a row dirty at a later position, as it is and also if it does not exist; it is refused on the other side, in another epoch and while a gap is open',
    async (t) => {
      const pair = await openPair(t, fill);
      const { backend, log } = pair.old;
      await drain(pair, 'old', library);
      await backend.apply([page('/a', 'one')], epochs(1));
      const first = await take(log, library);
      await drain(pair, 'old', library);
      const before = await dump(backend);
      done(await log.relog(library, pageKey('/a'), 1));
      done(await log.relog(library, pageKey('/never-there'), 1));
      assert.deepEqual(await dump(backend), before);
      const again = await take(log, library);
      assert.deepEqual([again.key, again.row], [first.key, first.row]);
      assert.deepEqual(again.position, { epoch: 1, sequence: first.position.sequence + 1 });
      const answer = await put(pair.new.log, library, again);
      assert.ok('applied' in answer && answer.applied && !answer.differs);
      done(await log.clear(library, again));
      const absent = await take(log, library);
      assert.deepEqual([absent.key, absent.row], [pageKey('/never-there'), null]);
      refused(await log.relog(library, pageKey('/a'), 2), 'stale-epoch');
      refused(await pair.new.log.relog(library, pageKey('/a'), 1), 'not-holder');
      done(await log.connect('boot-2'));
      refused(await log.relog(library, pageKey('/a'), 2), 'gap-open');
    },
    needs,
  ],
  [
    'notes',
    'notes are kept by kind and key, in the order of their keys, the last one of a key; one of a change of the stage is kept only if the change is made',
    async (t) => {
      const { old } = await openPair(t);
      const { log } = old;
      const note = (key: string, at: number, body: JsonValue) => ({ kind: 'audit', key, at, body });
      assert.deepEqual(await log.notes('audit'), []);
      done(await log.putNote(note('2', 20, { text: 'zwei, \u{1f600}', list: [1, null] })));
      done(await log.putNote(note('1', 10, 'first')));
      done(await log.putNote(note('1', 11, null)));
      done(await log.putNote({ ...note('1', 12, 'other'), kind: 'evidence' }));
      const kept = [note('1', 11, null), note('2', 20, { text: 'zwei, \u{1f600}', list: [1, null] })];
      assert.deepEqual(await log.notes('audit'), kept);
      const { row } = await log.readControl();
      const change = { command: { kind: 'demote', to: 'off' }, filled: {} } as const;
      refused(
        await log.changeStage({ ...change, expected: row.revision + 1, note: note('3', 30, 'not made') }),
        'conflict',
      );
      assert.deepEqual(await log.notes('audit'), kept);
      done(await log.changeStage({ ...change, expected: row.revision, note: note('3', 31, 'made') }));
      assert.deepEqual(await log.notes('audit'), [...kept, note('3', 31, 'made')]);
    },
    needs,
  ],
  [
    'versions-created-again',
    'a version that was removed and created again has its new ids on the other side, and a late put of the earlier one changes nothing',
    async (t) => {
      const pair = await openPair(t);
      const { backend, log } = pair.old;
      await fill(backend);
      await drain(pair, 'old', library);
      await backend.apply([page('/a', 'late')]);
      const late = await take(log, library);
      await backend.apply([{ kind: 'removeVersion', version: fastify }]);
      await write(backend, fastify, '/new', [chunk('again')]);
      await drain(pair, 'old', library);
      assert.deepEqual(await dump(pair.new.backend), await dump(backend));
      await put(pair.new.log, library, late);
      assert.deepEqual(await dump(pair.new.backend), await dump(backend));
    },
    needs,
  ],
  [
    'records-are-kept',
    'records, entries and operations are there after the store was opened again, and reads change nothing',
    async (t) => {
      const { old } = await openPair(t, fill);
      const operationId = 'operation-1';
      const results = await old.backend.apply([page('/a', 'one')], { ...epochs(1), operationId });
      const change = await take(old.log, library);
      const next = await old.store.again();
      const log = logOf(next);
      assert.deepEqual(await take(log, library), change);
      assert.deepEqual(await take(log, library), change);
      assert.deepEqual(await log.triggers(), { missing: [] });
      assert.deepEqual(await next.apply([page('/a', 'one')], { ...epochs(1), operationId }), results);
    },
    needs,
    { hook: 'reopen' },
  ],
]);
