import { writeFileSync } from 'node:fs';
import type { StorageBackend } from '@switchyard/storage-core';
import { describe, expect, it } from 'vitest';

/** A connection of another program. */
interface OtherConnection {
  exec(sql: string): unknown;
  close(): unknown;
}

/** A kind of store in local files. */
export interface LockableStores {
  /** Returns a path at which nothing is yet. */
  newFile(): string;
  /** Opens a store that waits 20 ms for a lock. */
  open(file: string): Promise<StorageBackend>;
  /** Opens the file as another program does. */
  connect(file: string): OtherConnection;
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
    ...(store.optimize === undefined ? {} : { optimize: async () => store.optimize?.() }),
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

/** Defines the tests that a write which finds the store locked reports that nothing was applied. */
export function describeLockedWrites({ newFile, open, connect }: LockableStores): void {
  /** Runs every write while another connection holds a lock. */
  async function failuresWhile(lock: string, store: StorageBackend, file: string) {
    const other = connect(file);
    other.exec(lock);
    const failed = await failures(store);
    other.exec('ROLLBACK');
    other.close();
    for (const [name, error] of Object.entries(failed))
      expect(error, name).toMatchObject({ code: 'STORAGE_BUSY', outcome: 'not-applied' });
    return Object.keys(failed);
  }

  describe('a write that finds the store locked says that nothing of it was applied', () => {
    it('when its first read is refused: an empty file that another connection is about to fill', async () => {
      const file = newFile();
      writeFileSync(file, '');
      const store = await open(file);
      expect(await failuresWhile('BEGIN EXCLUSIVE', store, file)).toEqual(Object.keys(writes(store)));
      await store.apply([{ kind: 'resolveVersion', library: 'new', version: '' }]);
    });

    it('when its transaction cannot begin', async () => {
      const file = newFile();
      const store = await open(file);
      await store.apply([{ kind: 'resolveVersion', library: 'one', version: '' }]);
      const failed = await failuresWhile('BEGIN IMMEDIATE', store, file);
      expect(failed).toEqual(expect.arrayContaining(['apply', 'reconcile']));
    });
  });
}
