import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LibsqlBackend } from '@switchyard/backend-libsql';
import { createMemoryState, MemoryBackend } from '@switchyard/storage-conformance/memory';
import { type Mutation, type StorageBackend, verifyStores } from '@switchyard/storage-core';
import { OLD_SIDE_IDS } from '@switchyard/storage-core/backend';
import {
  enrollStores,
  type GateSettings,
  RolloutBackend,
  retireStores,
} from '@switchyard/storage-rollout/backend';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStore, type SharedDatabase, startEmbedded } from './support/shared-database.js';

const folder = mkdtempSync(join(tmpdir(), 'switchyard-postgres-'));
const boots = { old: 'boot-old', new: 'boot-new' } as const;
/** Gates that ask for equal stores, and for no comparisons. PGlite is not durable. */
const gates: GateSettings = {
  durability: 'waived',
  limits: {
    comparisons: 0,
    windowMs: 0,
    comparisonsOfVersion: 0,
    decidedShare: 0,
    mismatchRate: 2,
    latencyRatio: { p50: Number.POSITIVE_INFINITY, p99: Number.POSITIVE_INFINITY },
  },
};
let shared: SharedDatabase;

beforeAll(async () => {
  shared = await startEmbedded();
});
afterAll(async () => {
  await shared.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Makes the backends of both sides; each call makes others on the same stores. */
type MakeStores = () => { readonly old: StorageBackend; readonly new: StorageBackend };

function storesWith(makeOld: () => StorageBackend): MakeStores {
  const { reopen } = createStore(shared);
  if (reopen === undefined) throw new Error('A store of PostgreSQL can be opened again.');
  return () => ({ old: makeOld(), new: reopen() as StorageBackend });
}

/** Runs work on both stores, without a rollout around them. */
async function withStores<T>(
  make: MakeStores,
  work: (stores: ReturnType<MakeStores>) => Promise<T>,
): Promise<T> {
  const stores = make();
  await stores.old.open();
  await stores.new.open();
  try {
    return await work(stores);
  } finally {
    await stores.old.close();
    await stores.new.close();
  }
}

const at = (library: string) => ({ library, version: '1' });

const write = (library: string, url: string, text: string): Mutation => ({
  kind: 'replacePage',
  version: at(library),
  page: { url, title: text, etag: `"${text}"` },
  chunks: [text, `${text} again`].map((content, place) => ({
    content: `${content} zebra`,
    metadata: { types: ['text'], level: 1, path: [text] },
    vector: Float32Array.of(place + 1, text.length),
  })),
});

const remove = (library: string, url: string): Mutation => ({
  kind: 'deletePage',
  page: { version: at(library), url },
});

/** Titles of the pages of a library. */
async function titles({ catalog }: StorageBackend, library: string): Promise<readonly (string | null)[]> {
  return (await catalog.pages(at(library))).map(({ title }) => title).sort();
}

/** Fills the old store before anyone knows of a rollout, enrolls both, and opens the rollout in `dualwrite`. */
async function begin(make: MakeStores): Promise<RolloutBackend> {
  await withStores(make, async (stores) => {
    await stores.old.vectors.reconcile({ model: 'test:two', dimension: 2, metric: 'l2' }, 'refuse');
    await stores.old.apply([write('a', '/early', 'early'), write('b', '/early', 'early')]);
    await enrollStores(stores, { boots });
  });
  const rollout = new RolloutBackend({ ...make(), boots, gates });
  await rollout.open();
  return rollout;
}

/** Raises the stage once everything was delivered. */
async function promote(rollout: RolloutBackend): Promise<string> {
  await rollout.settle();
  return (await rollout.promote({ confirmed: true, backupAt: Date.now() })).stage;
}

async function expectEqual(make: MakeStores): Promise<void> {
  await withStores(make, async (stores) => {
    const { equal, differences } = await verifyStores(stores.old, stores.new, { deep: true });
    expect({ equal, differences }).toEqual({ equal: true, differences: [] });
  });
}

describe.each([
  [
    'a libSQL file',
    (name: string) => () => new LibsqlBackend({ location: { type: 'file', path: join(folder, name) } }),
  ],
  [
    'a store in memory',
    () => {
      const state = createMemoryState();
      return () => new MemoryBackend({ state });
    },
  ],
] as const)('a rollout from %s to PostgreSQL', (_, makeOld) => {
  it('ends in complete, with equal stores before the last step', async () => {
    const make = storesWith(makeOld('complete.db'));
    let rollout = await begin(make);
    await rollout.apply([
      write('a', '/1', 'dualwrite'),
      write('a', '/gone', 'gone'),
      write('c', '/1', 'new'),
    ]);
    expect(await promote(rollout)).toBe('shadow');
    await rollout.apply([remove('a', '/gone'), write('a', '/early', 'shadow')]);
    expect(await promote(rollout)).toBe('live');
    await rollout.move('a', 'new');
    expect([await rollout.holder('a'), await rollout.holder('b')]).toEqual(['new', 'old']);
    const [written] = await rollout.apply([write('a', '/2', 'live')]);
    expect(written).toMatchObject({ kind: 'replacePage', pageId: expect.any(Number) });
    if (written.kind === 'replacePage') expect(written.pageId).toBeLessThan(OLD_SIDE_IDS);
    await rollout.apply([write('b', '/2', 'live'), remove('b', '/early')]);
    for (const library of ['b', 'c']) await rollout.move(library, 'new');
    expect(await promote(rollout)).toBe('rampdown');
    await rollout.apply([
      { kind: 'removeVersion', version: at('c') },
      { kind: 'setVersionStatus', version: at('b'), status: 'completed' },
    ]);
    await rollout.settle();
    await rollout.close();
    await expectEqual(make);

    // Everything that a rollout knows is in the stores.
    rollout = new RolloutBackend({ ...make(), boots, gates });
    await rollout.open();
    expect(await promote(rollout)).toBe('complete');
    await rollout.apply([write('a', '/3', 'complete')]);
    await rollout.close();
    await withStores(make, async (stores) => {
      expect(await titles(stores.new, 'a')).toEqual(['complete', 'dualwrite', 'live', 'shadow']);
      await retireStores(stores);
      await stores.new.apply([write('a', '/4', 'retired')]);
      expect(await stores.new.catalog.libraries()).toMatchObject([{ name: 'a' }, { name: 'b' }]);
    });
  });

  it('goes back from live to off, with what was written on either side', async () => {
    const make = storesWith(makeOld('back.db'));
    const rollout = await begin(make);
    await promote(rollout);
    await promote(rollout);
    await rollout.move('a', 'new');
    await rollout.apply([
      write('a', '/1', 'on the new side'),
      remove('a', '/early'),
      write('a', '/2', 'more'),
    ]);
    await rollout.apply([{ kind: 'removeLibrary', library: { library: 'b' } }]);
    await rollout.apply([write('d', '/1', 'created')]);
    expect((await rollout.demote('off')).stage).toBe('off');
    expect(await rollout.holder('a')).toBe('old');
    expect(await titles(rollout, 'a')).toEqual(['more', 'on the new side']);
    await rollout.close();
    await expectEqual(make);
  });
});
