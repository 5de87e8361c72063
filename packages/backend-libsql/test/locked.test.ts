import { writeFileSync } from 'node:fs';
import type { StorageBackend } from '@switchyard/storage-core';
import Database from 'libsql';
import { describe, expect, it } from 'vitest';
import { createStore } from './support/store.js';
import { tempFile } from './support/temp.js';

async function openLocked(file: string): Promise<StorageBackend> {
  const store = createStore(`${file}?busyTimeoutMs=20`);
  await store.open();
  return store;
}

/** Every call that writes. Those that find nothing to do may succeed. */
function writes(store: StorageBackend): Record<string, () => Promise<unknown>> {
  const profile = { model: 'm', dimension: 3, metric: 'l2' } as const;
  return {
    apply: () => store.apply([{ kind: 'resolveVersion', library: 'new', version: '' }]),
    migrate: () => store.migrator.migrate(),
    reconcile: () => store.vectors.reconcile(profile, 'reset'),
    'vectors.rebuild': () => store.vectors.rebuild(),
    'fts.rebuild': () => store.fts.rebuild(),
    'staging.begin': async () => store.staging?.begin(profile),
    'staging.abort': async () => store.staging?.abort(),
    optimize: async () => store.optimize?.(),
    repair: async () => store.maintenance?.repair(),
    reclaim: async () => store.maintenance?.reclaim(),
  };
}

async function failures(store: StorageBackend): Promise<Record<string, unknown>> {
  const found: [string, unknown][] = [];
  for (const [name, call] of Object.entries(writes(store))) {
    await call().then(
      () => undefined,
      (error: unknown) => found.push([name, error]),
    );
  }
  return Object.fromEntries(found);
}

describe('a write that finds the store locked says that nothing of it was applied', () => {
  it('when its first read is refused: an empty file that another connection is about to fill', async () => {
    const file = tempFile();
    writeFileSync(file, '');
    const store = await openLocked(file);
    const other = new Database(file);
    other.exec('BEGIN EXCLUSIVE');
    const failed = await failures(store);
    other.exec('ROLLBACK');
    other.close();
    expect(Object.keys(failed)).toEqual(Object.keys(writes(store)));
    for (const [name, error] of Object.entries(failed))
      expect(error, name).toMatchObject({ code: 'STORAGE_BUSY', outcome: 'not-applied' });
    await store.apply([{ kind: 'resolveVersion', library: 'new', version: '' }]);
  });

  it('an audit of full text, which needs the lock, says when to run it again, and is none the worse', async () => {
    const file = tempFile();
    const store = await openLocked(file);
    await store.apply([{ kind: 'resolveVersion', library: 'one', version: '' }]);
    const other = new Database(file);
    other.exec('BEGIN IMMEDIATE');
    await expect(store.fts.audit()).rejects.toMatchObject({
      code: 'STORAGE_BUSY',
      retryable: true,
      advice: expect.stringContaining('run it again when nobody writes'),
    });
    expect(await store.catalog.libraries()).toHaveLength(1);
    other.exec('ROLLBACK');
    other.close();
    expect((await store.fts.audit()).problems).toEqual([]);
  });

  it('when its transaction cannot begin', async () => {
    const file = tempFile();
    const store = await openLocked(file);
    await store.apply([{ kind: 'resolveVersion', library: 'one', version: '' }]);
    const other = new Database(file);
    other.exec('BEGIN IMMEDIATE');
    const failed = await failures(store);
    other.exec('ROLLBACK');
    other.close();
    expect(failed).toHaveProperty('apply');
    expect(failed).toHaveProperty('reconcile');
    for (const [name, error] of Object.entries(failed))
      expect(error, name).toMatchObject({ code: 'STORAGE_BUSY', outcome: 'not-applied' });
  });
});
