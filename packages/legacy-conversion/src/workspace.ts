import { existsSync, linkSync, readdirSync, rmdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { platform } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { StorageError } from '@switchyard/storage-core';
import { BACKEND_NAME } from './backend-name.js';
import { makePrivateFolder } from './private-files.js';
import { LOCK_NAME, type LockRequest, lockWorkspace } from './workspace-lock.js';

/**
 * Folder next to the target in which a store is built, on the same file system, so that the finished file only has to
 * be renamed. It remains after a kill, and the next conversion to the same target resumes in it.
 */
export class Workspace {
  readonly folder: string;
  #release: (() => void) | null = null;
  #isNew = false;

  /** @param target File that the conversion creates or replaces. */
  constructor(target: string) {
    this.folder = join(dirname(target), `${basename(target)}.switchyard-convert`);
  }

  get store(): string {
    return join(this.folder, 'store.db');
  }

  /** Path of a copy of a legacy store that was being written. */
  get snapshot(): string {
    return join(this.folder, 'snapshot.db');
  }

  /** Path of the record of a finished store. */
  get finished(): string {
    return join(this.folder, 'finished.json');
  }

  /** True if no earlier conversion left the folder. */
  get isNew(): boolean {
    return this.#isNew || !existsSync(this.folder);
  }

  /** Discards an unfinished store. */
  clear(): void {
    for (const ending of ['', '-journal', '-wal', '-shm']) rmSync(`${this.store}${ending}`, { force: true });
  }

  /** Removes the folder, its lock last: until then no other conversion can begin in it. */
  remove(): void {
    if (!existsSync(this.folder)) return;
    if (platform() === 'win32') this.unlock(); // which does not remove an open file
    for (const name of readdirSync(this.folder)) {
      if (name !== LOCK_NAME) rmSync(join(this.folder, name), { force: true });
    }
    rmSync(join(this.folder, LOCK_NAME), { force: true });
    try {
      rmdirSync(this.folder);
    } catch (error) {
      // Another conversion has begun in it, or removed it.
      if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? ''))
        throw error;
    }
  }

  /**
   * Keeps other conversions out until {@link unlock}; see `lockWorkspace`. Creates the folder.
   *
   * @returns True if an orphan was waited for: it may have finished its work.
   */
  async lock(request: Omit<LockRequest, 'folder' | 'createFolder'>): Promise<boolean> {
    let hasWaited = false;
    this.#release = await lockWorkspace({
      ...request,
      folder: this.folder,
      createFolder: () => {
        if (makePrivateFolder(this.folder)) this.#isNew = true;
      },
      onWait: () => {
        hasWaited = true;
        return request.onWait();
      },
    });
    return hasWaited;
  }

  unlock(): void {
    this.#release?.();
    this.#release = null;
  }

  /** Number of bytes that may be written next to the target. */
  freeBytes(): number {
    const { bavail, bsize } = statfsSync(dirname(this.folder));
    return bavail * bsize;
  }

  /** Returns true if a file can have two names here, which some file systems do not support. */
  canLink(): boolean {
    const [one, two] = [join(this.folder, 'link-from'), join(this.folder, 'link-to')];
    try {
      writeFileSync(one, '');
      rmSync(two, { force: true });
      linkSync(one, two);
      return true;
    } catch {
      return false;
    } finally {
      rmSync(one, { force: true });
      rmSync(two, { force: true });
    }
  }
}

/** @throws StorageError `STORAGE_DISK_FULL` if there is less free space than needed. */
export function requireRoom(needed: number, free: number, folder: string): void {
  if (free >= needed) return;
  throw new StorageError(
    'STORAGE_DISK_FULL',
    `Converting needs about ${mebibytes(needed)} MiB in ${folder}; ${mebibytes(free)} MiB are free. ` +
      'Free space, or convert to a file on another disk. Nothing was changed.',
    { backend: BACKEND_NAME, outcome: 'not-applied', details: { needed, free } },
  );
}

function mebibytes(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(1);
}
