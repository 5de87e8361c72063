import { existsSync, rmSync } from 'node:fs';
import type { Connection, StorageBackend } from '@switchyard/storage-core';

/** What SQLite keeps beside a file. */
const COMPANIONS = ['', '-wal', '-shm', '-journal'];

/** A local store that opening is about to create, so that a failure can take it away again. */
export class NewStore {
  readonly #path: string | null;

  /** Call it before the store is opened. */
  constructor({ location }: Connection) {
    this.#path = location.type === 'file' && !existsSync(location.path) ? location.path : null;
  }

  /** Closes and removes the store when this command created it and nothing was written to it. Never throws. */
  async discardIfEmpty(backend: StorageBackend): Promise<void> {
    if (this.#path === null) return;
    try {
      const { pages } = (await backend.inspect()).counts;
      if (pages > 0) return;
      await backend.close();
      for (const ending of COMPANIONS) rmSync(`${this.#path}${ending}`, { force: true });
    } catch {
      // What failed before is what is reported.
    }
  }
}
