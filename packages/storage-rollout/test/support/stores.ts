import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LibsqlBackend } from '@switchyard/backend-libsql';
import { SqliteVecBackend } from '@switchyard/backend-sqlite-vec'; // @legacy
import { createMemoryState, MemoryBackend } from '@switchyard/storage-conformance/memory';
import type { StorageBackend } from '@switchyard/storage-core';
import type { ChangeLog } from '@switchyard/storage-core/backend';
import { afterEach } from 'vitest';

const folders: string[] = [];
const opened: StorageBackend[] = [];

afterEach(async () => {
  for (const backend of opened.splice(0)) await backend.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Ways to make a store, by name. */
export const storeKinds = {
  memory: () => new MemoryBackend({ state: createMemoryState() }),
  libsql: () => new LibsqlBackend({ location: { type: 'file', path: tempFile('new.db') } }),
  'sqlite-vec': () => new SqliteVecBackend({ path: tempFile('old.db') }), // @legacy
} as const satisfies Record<string, () => StorageBackend>;

/** Name of a kind of store. */
export type StoreKind = keyof typeof storeKinds;

/** Opens an empty store of two dimensions. Closed and removed after the test. */
export async function openStore(kind: StoreKind): Promise<StorageBackend> {
  const backend = storeKinds[kind]();
  opened.push(backend);
  await backend.open();
  await backend.vectors.reconcile({ model: 'test:two', dimension: 2, metric: 'l2' }, 'refuse');
  return backend;
}

/** Returns the change log of a store. */
export function logOf({ changeLog }: StorageBackend): ChangeLog {
  if (changeLog === undefined) throw new TypeError('The backend has no change log.');
  return changeLog;
}

function tempFile(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-rollout-'));
  folders.push(folder);
  return join(folder, name);
}
