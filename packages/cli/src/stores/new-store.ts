import { existsSync, rmSync } from 'node:fs';
import type { Connection, StorageBackend } from '@switchyard/storage-core';

/** Suffixes of the files that SQLite creates for a database. */
const COMPANIONS = ['', '-wal', '-shm', '-journal'];

/** A local store that opening is about to create, so that a failure can remove it again. */
export class NewStore {
  readonly #path: string | null;

  /** Must be called before the store is opened. */
  constructor({ location }: Connection) {
    this.#path = location.type === 'file' && !existsSync(location.path) ? location.path : null;
  }

  /** Closes and removes the store if this command created it and wrote nothing to it. Never throws. */
  async discardIfEmpty(backend: StorageBackend): Promise<void> {
    if (this.#path === null) return;
    try {
      const { pages } = (await backend.inspect()).counts;
      if (pages > 0) return;
      await backend.close();
      for (const ending of COMPANIONS) rmSync(`${this.#path}${ending}`, { force: true });
    } catch {
      // The earlier failure is reported.
    }
  }
}
