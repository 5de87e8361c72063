import assert from 'node:assert/strict';
import type { Mutation, StorageBackend } from '@switchyard/storage-core';
import type { ChangeLog, LogChange, LogDone, LogKey, RolloutSide } from '@switchyard/storage-core/backend';
import type { TestContext, TestStore } from '../suite/context.js';
import { chunk, fastify, replacePage, under, vector, write } from './build.js';

/** Boot of the machine in tests. */
export const boot = 'boot-1';

/** An enrolled store. */
export interface EnrolledStore {
  readonly backend: StorageBackend;
  readonly log: ChangeLog;
  readonly store: TestStore;
}

/** Both stores of a rollout, enrolled. */
export type RolloutPair = Readonly<Record<RolloutSide, EnrolledStore>>;

/** Opens and enrolls two stores. @param before Fills the old one before it is enrolled. */
export async function openPair(
  t: TestContext,
  before: (old: StorageBackend) => Promise<unknown> = async () => undefined,
): Promise<RolloutPair> {
  const old = await openOne(t);
  await before(old.backend);
  const { lastId } = await old.log.install({ side: 'old', boot });
  const other = await openOne(t);
  await other.log.install({ side: 'new', boot, firstId: lastId + 1 });
  return { old, new: other };
}

async function openOne(t: TestContext): Promise<EnrolledStore> {
  const store = await t.openStore();
  return { store, backend: store.backend, log: logOf(store.backend) };
}

/** Returns the change log of a backend that declares it. */
export function logOf({ changeLog }: StorageBackend): ChangeLog {
  if (changeLog === undefined) throw new Error('changeLog is declared but not implemented.');
  return changeLog;
}

/** Requires that a call was not refused. */
export function done(answer: LogDone): void {
  assert.deepEqual(answer, { done: true });
}

/** Requires a refusal for this reason. */
export function refused(answer: object, reason: string): void {
  assert.deepEqual(answer, { refused: reason });
}

/** Takes the oldest change of a library. */
export async function take(log: ChangeLog, library: string): Promise<LogChange> {
  const taken = await log.takeChange(library, null);
  if (!('change' in taken))
    throw new assert.AssertionError({ message: `No change: ${JSON.stringify(taken)}` });
  return taken.change;
}

/** Puts a change, as a drain does. */
export function put(log: ChangeLog, library: string, change: LogChange, epoch = change.position.epoch) {
  return log.putIfNewer({ library, change, epoch, source: 'drain' });
}

/** Drains a library from one side to the other. @returns Keys in the order of delivery. */
export async function drain(pair: RolloutPair, from: RolloutSide, library: string): Promise<LogKey[]> {
  const [source, target] = from === 'old' ? [pair.old, pair.new] : [pair.new, pair.old];
  const keys: LogKey[] = [];
  for (;;) {
    const taken = await source.log.takeChange(library, null);
    if ('clean' in taken) return keys;
    if (!('change' in taken))
      throw new assert.AssertionError({ message: `No change: ${JSON.stringify(taken)}` });
    const { change, epoch } = taken;
    const answer = await target.log.putIfNewer({ library, change, epoch, source: 'drain' });
    if ('refused' in answer) throw new assert.AssertionError({ message: `Refused: ${answer.refused}` });
    done(await target.log.sync(answer.boot));
    done(await source.log.clear(library, change));
    keys.push(change.key);
  }
}

/** Marks a library of the new side as complete and promotes up to `live`. Everything must have been drained. */
export async function goLive({ old, new: other }: RolloutPair): Promise<void> {
  for (const library of await old.log.libraries()) {
    const { authority } = await old.log.readAuthority(library);
    done(await other.log.markFilled(library, authority.epoch, boot));
  }
  for (let rank = 0; rank < 2; rank++) {
    const { row } = await old.log.readControl();
    const { filled } = await other.log.readControl();
    done(await old.log.changeStage({ expected: row.revision, command: { kind: 'promote' }, filled }));
  }
}

/** Moves a library to a side, draining in between. */
export async function move(pair: RolloutPair, library: string, to: RolloutSide): Promise<void> {
  const from = to === 'new' ? 'old' : 'new';
  const { authority } = await pair[from].log.readAuthority(library);
  const { filled } = await pair[to].log.readAuthority(library);
  const epoch = authority.epoch + 1;
  done(await pair[from].log.fence(library, authority.epoch, { epoch, holder: to }, filled));
  await drain(pair, from, library);
  done(await pair[to].log.admit(library, epoch));
}

/** Library of these tests. */
export const library = 'fastify';
/** Key of a page of the version of these tests. */
export const pageKey = (url: string) => ({ kind: 'page', version: '5.6.0', url }) as const;
/** Write of a page with one chunk. */
export const page = (url: string, text: string): Mutation => replacePage(fastify, url, [chunk(text)]);
/** Call options with the epoch of the library. */
export const epochs = (epoch: number) => ({ epochs: { fastify: epoch } });

/** Content of every kind: vectors, an empty page, an unversioned version, state of a version, a library of its own. */
export async function fill(backend: StorageBackend): Promise<void> {
  const chunks = [
    chunk('hooks', { vector: vector(1, 0, 0, 0), metadata: under(['Hooks'], ['structural']) }),
    chunk('routes', { vector: vector(0, 1, 0, -0) }),
  ];
  await write(backend, fastify, { url: '/a', title: 'A', etag: 'e', depth: 2 }, chunks);
  await write(backend, fastify, '/empty', []);
  await backend.apply([
    { kind: 'setVersionStatus', version: fastify, status: 'failed', errorMessage: 'no route' },
    { kind: 'setScraperOptions', version: fastify, sourceUrl: 'https://fastify.dev', options: { depth: 3 } },
  ]);
  await write(backend, { library, version: '' }, '/b', [chunk('unversioned')]);
}
/** Every key of the library of these tests, from the outside in. */
export async function everyKey({ catalog }: StorageBackend) {
  const versions = await catalog.versions({ library });
  const keys: { readonly key: Parameters<typeof fillKey>[1] }[] = [{ key: { kind: 'library' } }];
  for (const { name: version } of versions) keys.push({ key: { kind: 'version', version } });
  for (const { id, name: version } of versions) {
    for (const { url } of await catalog.pages({ versionId: id })) {
      keys.push({ key: { kind: 'page', version, url } });
    }
  }
  return keys;
}

/** Reads one key of the old side and puts it on the new one, as a backfill does. */
export async function fillKey(
  { old, new: other }: Awaited<ReturnType<typeof openPair>>,
  key: Parameters<(typeof old)['log']['readPage']>[1],
  since = { epoch: 1, sequence: 0 },
): Promise<void> {
  const read = await old.log.readPage(library, key, since);
  if (!('change' in read)) return;
  const { change } = read;
  const answer = await other.log.putIfNewer({ library, change, epoch: since.epoch, source: 'backfill' });
  assert.ok('applied' in answer);
}

/** The present state of a page, as a backfill would read it. */
export async function changeFor({ log }: { readonly log: ReturnType<typeof logOf> }, url: string) {
  const { epoch } = (await log.readAuthority(library)).authority;
  const read = await log.readPage(library, pageKey(url), { epoch, sequence: 1_000 });
  if (!('change' in read)) throw new assert.AssertionError({ message: 'The page was changed.' });
  return read.change;
}
