import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestStore } from '@switchyard/storage-core';
import type { RolloutBackend } from '@switchyard/storage-rollout/backend';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { interposed, unreachable } from './support/interposed.js';
import { page, titlesOf } from './support/pages.js';
import { fileStores, type MakeStores, memoryStores, rolloutAt } from './support/rollout.js';

const opened: RolloutBackend[] = [];
const folders: string[] = [];

afterEach(async () => {
  for (const backend of opened.splice(0)) await backend.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function files(): MakeStores {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-rollout-'));
  folders.push(folder);
  return fileStores(folder);
}

/** A rollout in `live` with two libraries, of which `a` is at the new side, which can be taken down. */
class Service {
  readonly stores: MakeStores;
  isNewDown = false;
  /** True while nothing is delivered to the old side. */
  isHeldBack = false;
  readonly #make: MakeStores;

  constructor(make: MakeStores) {
    this.#make = make;
    this.stores = () => {
      const { old, new: other } = make();
      return {
        old: interposed(old, (path) => {
          if (this.isHeldBack && path === 'changeLog.putIfNewer') throw unreachable();
        }),
        new: interposed(other, (path) => {
          if (this.isNewDown && path !== 'close') throw unreachable();
        }),
      };
    };
  }

  async open(): Promise<RolloutBackend> {
    const backend = (await rolloutAt('dualwrite', this.stores, { openMs: 20 }))();
    opened.push(backend);
    await backend.open();
    await backend.vectors.reconcile({ model: 'test:two', dimension: 2, metric: 'l2' }, 'refuse');
    for (const library of ['a', 'b'])
      await backend.apply([page(library, '/1', 'one'), page(library, '/2', 'two')]);
    await backend.promote();
    await backend.promote();
    await backend.move('a', 'new');
    await backend.settle();
    return backend;
  }

  async expectEqual(): Promise<void> {
    const { old, new: other } = this.#make();
    await old.open();
    await other.open();
    expect((await digestStore(other)).versions).toEqual((await digestStore(old)).versions);
    await old.close();
    await other.close();
  }
}

describe.each([
  ['in memory', memoryStores],
  ['on two files', files],
] as const)('a forced demotion %s', (_title, stores) => {
  it.each(['while the process runs', 'and a new process'] as const)(
    'lists what may be missing, goes on with the old side, and keeps what turns up: %s',
    async (way) => {
      const service = new Service(stores());
      const backend = await service.open();
      service.isHeldBack = true;
      await backend.apply([page('a', '/1', 'left behind')]);
      await backend.apply([
        { kind: 'deletePage', page: { version: { library: 'a', version: '1' }, url: '/2' } },
      ]);
      service.isNewDown = true;
      service.isHeldBack = false;
      await expect(backend.demote('shadow')).rejects.toThrow();
      const forced = await backend.forceDemote('shadow', { reason: 'The server is lost.' });
      expect(forced.libraries).toEqual(['a']);
      expect(await backend.control()).toMatchObject({ stage: 'shadow', latched: true });
      expect(await titlesOf(backend, 'a')).toEqual({ '/1': 'one', '/2': 'two' });
      await backend.apply([page('a', '/1', 'written since')]);
      expect(await backend.conflicts()).toEqual([]);

      if (way === 'and a new process') {
        await backend.close();
        await backend.open();
      }
      service.isNewDown = false;
      if (way === 'and a new process') {
        await vi.waitFor(async () => expect((await backend.status()).sides.new.isOpen).toBe(true));
      }
      const conflicts = await backend.conflicts();
      expect(conflicts.map(({ library, key, row }) => [library, key, row?.kind ?? 'deleted'])).toEqual([
        ['a', { kind: 'page', version: '1', url: '/1' }, 'page'],
        ['a', { kind: 'page', version: '1', url: '/2' }, 'deleted'],
      ]);
      const [first] = conflicts;
      if (first?.row?.kind !== 'page') throw new TypeError('A page was expected.');
      expect(first.row.page.page.title).toBe('left behind');
      expect(first.row.page.chunks[0]?.vector).toEqual(Float32Array.of(1, 'left behind'.length));
      expect(await backend.holder('a')).toBe('old');
      expect(await titlesOf(backend, 'a')).toEqual({ '/1': 'written since', '/2': 'two' });

      await expect(backend.promote()).rejects.toMatchObject({ details: { reason: 'conflicts' } });
      for (const { id } of conflicts) expect(await backend.resolveConflict(id, 'discarded')).toBe(true);
      expect(await backend.resolveConflict('unknown', 'discarded')).toBe(false);
      expect(await backend.conflicts()).toEqual([]);
      expect(await backend.promote()).toMatchObject({ stage: 'live', latched: false });
      const [entry] = (await backend.audit()).filter(({ move }) => move.kind === 'force');
      expect(entry).toMatchObject({ reason: 'The server is lost.', evidence: { libraries: ['a'] } });
      await backend.move('a', 'new');
      expect(await titlesOf(backend, 'a')).toEqual({ '/1': 'written since', '/2': 'two' });
      await backend.settle();
      await backend.close();
      await service.expectEqual();
    },
  );
});

it('a forced demotion is refused while the new side can be reached, and where the old one decides', async () => {
  const service = new Service(memoryStores());
  const backend = await service.open();
  await expect(backend.forceDemote('shadow')).rejects.toMatchObject({ details: { reason: 'not-permitted' } });
  await backend.demote('shadow');
  service.isNewDown = true;
  await expect(backend.forceDemote('dualwrite')).rejects.toMatchObject({
    details: { reason: 'not-permitted' },
  });
});
