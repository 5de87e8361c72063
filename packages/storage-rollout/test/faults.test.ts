import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LibsqlBackend } from '@switchyard/backend-libsql';
import { SqliteVecBackend } from '@switchyard/backend-sqlite-vec'; // @legacy
import type { RolloutBackend, RolloutOptions } from '@switchyard/storage-rollout/backend';
import type { Side, Stage } from '@switchyard/storage-rollout/machine';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type BeforeCall, interposed, unreachable } from './support/interposed.js';
import { page, titlesOf } from './support/pages.js';
import { type MakeStores, memoryStores, rolloutAt } from './support/rollout.js';

const opened: RolloutBackend[] = [];
const folders: string[] = [];

afterEach(async () => {
  vi.restoreAllMocks();
  for (const backend of opened.splice(0)) await backend.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Stores that ask before each call. */
function asking(make: MakeStores, before: Readonly<Partial<Record<Side, BeforeCall>>>): MakeStores {
  return () => {
    const stores = make();
    const wrapped = (side: Side) => interposed(stores[side], (path, args) => before[side]?.(path, args));
    return { old: wrapped('old'), new: wrapped('new') };
  };
}

async function openAt(
  stage: Stage,
  make: MakeStores,
  more: Partial<RolloutOptions> = {},
): Promise<RolloutBackend> {
  return open((await rolloutAt(stage, make, more))());
}

async function open(backend: RolloutBackend): Promise<RolloutBackend> {
  opened.push(backend);
  await backend.open();
  await backend.vectors.reconcile({ model: 'test:two', dimension: 2, metric: 'l2' }, 'refuse');
  return backend;
}

describe('a write', () => {
  it('that was committed succeeds, whatever happens to the stage afterwards', async () => {
    let isDown = false;
    const before: BeforeCall = (path) => {
      if (isDown && path.startsWith('changeLog.')) throw unreachable();
      if (path !== 'apply') return;
      isDown = true;
      // What was read of the stage is not trusted any more.
      const later = Date.now() + 60_000;
      vi.spyOn(Date, 'now').mockImplementation(() => later);
    };
    const make = memoryStores();
    const create = await rolloutAt('dualwrite', asking(make, { old: (...call) => before(...call) }));
    const backend = create();
    opened.push(backend);
    await backend.open();
    const written = await backend.apply([{ kind: 'resolveVersion', library: 'a', version: '1' }]);
    expect(written).toHaveLength(1);
    isDown = false;
  });
});

describe('a reset of all vectors', () => {
  it('goes through where the new side is another file, and everything is filled again', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'switchyard-rollout-'));
    folders.push(folder);
    const make: MakeStores = () => ({
      old: new LibsqlBackend({ location: { type: 'file', path: `${folder}/old.db` } }),
      new: new SqliteVecBackend({ path: `${folder}/new.db` }), // @legacy
      // @after-legacy: new: new LibsqlBackend({ location: { type: 'file', path: `${folder}/new.db` } }),
    });
    const backend = await openAt('dualwrite', make);
    await backend.apply([page('a', '/1', 'one'), page('a', '/2', 'two')]);
    await backend.promote();
    const other = { model: 'test:three', dimension: 3, metric: 'l2' } as const;
    expect(await backend.vectors.reconcile(other, 'reset')).toMatchObject({ outcome: 'reset' });
    await backend.close();
    const { old, new: fresh } = make();
    for (const store of [old, fresh]) {
      await store.open();
      expect(await store.vectors.profile()).toEqual(other);
      expect(await store.vectors.stats()).toMatchObject({ indexed: 0 });
    }
    const { authority } = (await old.changeLog?.readAuthority('a')) ?? {};
    expect(await fresh.changeLog?.readAuthority('a')).toMatchObject({ filled: authority?.epoch });
    for (const store of [old, fresh]) await store.close();
  });

  it('that ended half-way leaves no side that counts as complete', async () => {
    let isDown = false;
    const make = asking(memoryStores(), {
      new: (path) => {
        if (isDown && path === 'vectors.reconcile') throw unreachable();
      },
    });
    const backend = await openAt('dualwrite', make);
    await backend.apply([page('a', '/1', 'one')]);
    await backend.promote();
    isDown = true;
    const other = { model: 'test:three', dimension: 3, metric: 'l2' } as const;
    await expect(backend.vectors.reconcile(other, 'reset')).rejects.toMatchObject({
      code: 'STORAGE_UNREACHABLE',
    });
    isDown = false;
    await backend.close();
    const { old, new: fresh } = make();
    for (const store of [old, fresh]) await store.open();
    const [held, filled] = [
      await old.changeLog?.readAuthority('a'),
      await fresh.changeLog?.readAuthority('a'),
    ];
    expect(filled?.filled).not.toBe(held?.authority.epoch);
    for (const store of [old, fresh]) await store.close();
    // The same call again finishes it.
    await backend.open();
    await backend.vectors.reconcile(other, 'reset');
    expect((await backend.promote()).stage).toBe('live');
  });
});

describe('closing', () => {
  it('leaves a backlog after the step in hand, and the next opening delivers it', async () => {
    const puts: string[] = [];
    let isDown = true;
    let arrive = (): void => undefined;
    let release = (): void => undefined;
    const arrived = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const make = memoryStores();
    const create = await rolloutAt(
      'dualwrite',
      asking(make, {
        new: async (path) => {
          if (path !== 'changeLog.putIfNewer') return;
          if (isDown) throw unreachable();
          puts.push(path);
          arrive();
          await held;
        },
      }),
    );
    const backend = await open(create());
    for (let count = 0; count < 20; count++) await backend.apply([page('a', `/${count}`, 'text')]);
    isDown = false;
    await backend.apply([page('a', '/0', 'text')]);
    await arrived;
    const closing = backend.close();
    release();
    await closing;
    expect(puts.length).toBeLessThanOrEqual(2);

    const again = await open(create());
    await vi.waitFor(async () => {
      const { new: other } = make();
      await other.open();
      expect(await other.catalog.pages({ library: 'a', version: '1' })).toHaveLength(20);
      await other.close();
    });
    expect(Object.keys(await titlesOf(again, 'a'))).toHaveLength(20);
  });
});
