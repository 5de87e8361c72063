import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestStore, isStorageError } from '@switchyard/storage-core';
import type { RolloutBackend } from '@switchyard/storage-rollout/backend';
import type { Stage } from '@switchyard/storage-rollout/machine';
import { afterEach, describe, expect, it } from 'vitest';
import { interposed, unreachable } from './support/interposed.js';
import { page, titlesOf } from './support/pages.js';
import { fileStores, type MakeStores, memoryStores, rolloutAt } from './support/rollout.js';

const folders: string[] = [];
const opened: RolloutBackend[] = [];

afterEach(async () => {
  for (const backend of opened.splice(0)) await backend.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function files(): MakeStores {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-rollout-'));
  folders.push(folder);
  return fileStores(folder);
}

async function openAt(stage: Stage, make: MakeStores): Promise<RolloutBackend> {
  const backend = (await rolloutAt(stage, make))();
  opened.push(backend);
  await backend.open();
  return backend;
}

/** Compares both stores after the rollout was closed. */
async function expectEqualStores(make: MakeStores): Promise<void> {
  const { old, new: other } = make();
  await old.open();
  await other.open();
  try {
    expect((await digestStore(other)).versions).toEqual((await digestStore(old)).versions);
    expect(await other.catalog.libraries()).toEqual(await old.catalog.libraries());
  } finally {
    await old.close();
    await other.close();
  }
}

describe.each([
  ['in memory', memoryStores],
  ['on two files', files],
] as const)('a rollout %s', (_title, stores) => {
  it('goes through all stages and back while pages are written, and every acknowledged write is there', async () => {
    const make = stores();
    const backend = await openAt('dualwrite', make);
    await backend.vectors.reconcile({ model: 'test:two', dimension: 2, metric: 'l2' }, 'refuse');
    const expected: Record<string, Record<string, string | null>> = { a: {}, b: {} };
    let count = 0;
    let isOver = false;
    const writer = async (library: string) => {
      while (!isOver) {
        const url = `/${count % 7}`;
        const text = `${library} ${count++}`;
        if (count % 5 === 0) {
          await backend.apply([{ kind: 'deletePage', page: { version: { library, version: '1' }, url } }]);
          delete (expected[library] as Record<string, unknown>)[url];
        } else {
          await backend.apply([page(library, url, text)]);
          (expected[library] as Record<string, string>)[url] = text;
        }
        // What was acknowledged is read, at every stage and in the middle of a move.
        expect((await titlesOf(backend, library))[url]).toBe(expected[library]?.[url]);
        await new Promise(setImmediate);
      }
    };
    await backend.apply([page('a', '/0', 'first')]);
    await backend.apply([page('b', '/0', 'first')]);
    Object.assign(expected, { a: { '/0': 'first' }, b: { '/0': 'first' } });
    const writers = [writer('a'), writer('b')];
    const reached: Stage[] = [];
    const promote = async () => reached.push(await promoted(backend));
    await promote();
    await promote();
    await backend.move('a', 'new');
    expect([await backend.holder('a'), await backend.holder('b')]).toEqual(['new', 'old']);
    expect((await backend.catalog.libraries()).map(({ name }) => name)).toEqual(['a', 'b']);
    await backend.move('b', 'new');
    await promote();
    expect(reached).toEqual(['shadow', 'live', 'rampdown']);
    await backend.demote('dualwrite');
    expect([await backend.holder('a'), await backend.holder('b')]).toEqual(['old', 'old']);
    isOver = true;
    await Promise.all(writers);
    for (const library of ['a', 'b']) expect(await titlesOf(backend, library)).toEqual(expected[library]);
    await backend.settle();
    await backend.close();
    await expectEqualStores(make);
  });

  it('refuses a list that spans two sides before anything is written', async () => {
    const backend = await openAt('dualwrite', stores());
    await backend.vectors.reconcile({ model: 'test:two', dimension: 2, metric: 'l2' }, 'refuse');
    await backend.apply([page('a', '/1', 'one'), page('b', '/1', 'one')]);
    await backend.promote();
    await backend.promote();
    await backend.move('a', 'new');
    const spanning = backend.apply([page('a', '/2', 'two'), page('b', '/2', 'two')]);
    await expect(spanning).rejects.toMatchObject({ code: 'STORAGE_MUTATION_SPANS', outcome: 'not-applied' });
    expect(Object.keys(await titlesOf(backend, 'a'))).toEqual(['/1']);
    await expect(backend.promote()).rejects.toThrow(/'b' is not at the new side yet/);
  });
});

/** Raises the stage. A write in between may leave something dirty, which is a reason to try again. */
async function promoted(backend: RolloutBackend): Promise<Stage> {
  for (;;) {
    try {
      return (await backend.promote()).stage;
    } catch (error) {
      if (!isStorageError(error, 'STORAGE_CONSTRAINT') || error.details?.reason !== 'dirty') throw error;
    }
  }
}

describe('the side that is written second', () => {
  it('neither fails nor delays a write while it is down, and gets everything afterwards', async () => {
    const make = memoryStores();
    let isDown = false;
    const failing: MakeStores = () => {
      const stores = make();
      const other = interposed(stores.new, (path) => {
        if (isDown && path.startsWith('changeLog.')) throw unreachable();
      });
      return { old: stores.old, new: other };
    };
    const backend = await openAt('dualwrite', failing);
    await backend.vectors.reconcile({ model: 'test:two', dimension: 2, metric: 'l2' }, 'refuse');
    await backend.apply([page('a', '/1', 'one')]);
    isDown = true;
    await backend.apply([page('a', '/2', 'two')]);
    await backend.apply([page('new-library', '/1', 'one')]);
    expect(await titlesOf(backend, 'a')).toEqual({ '/1': 'one', '/2': 'two' });
    await expect(backend.settle()).rejects.toMatchObject({ code: 'STORAGE_UNREACHABLE' });
    isDown = false;
    await backend.settle();
    await backend.close();
    await expectEqualStores(make);
  });
});
