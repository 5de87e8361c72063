import { linkSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { StorageError } from '@switchyard/storage-core';
import { BACKEND_NAME } from '../capabilities.js';
import { makePrivateFolder } from './private-files.js';

/** How long another conversion is waited for: one whose caller was just killed ends in a moment. */
const PATIENCE_MS = 1000;

/** Locks of this process: in a container, a process that was killed and started anew has the same number. */
const heldHere = new Set<string>();

/**
 * The folder beside the target in which a store is built, on the same file system, so that the finished file only has to
 * be given its name. It stays after a kill, and the next conversion to the same target goes on in it.
 */
export class Workspace {
  readonly folder: string;

  /** @param target The file that the conversion is about to make or to replace. */
  constructor(target: string) {
    this.folder = join(dirname(target), `${basename(target)}.switchyard-convert`);
  }

  get store(): string {
    return join(this.folder, 'store.db');
  }

  /** A copy of a legacy store that was being written. */
  get snapshot(): string {
    return join(this.folder, 'snapshot.db');
  }

  /** What is known when the store is finished. */
  get finished(): string {
    return join(this.folder, 'finished.json');
  }

  /** @throws StorageError `STORAGE_CONSTRAINT` when something is there that is not ours. */
  create(): void {
    makePrivateFolder(this.folder);
  }

  /** Throws away an unfinished store. */
  clear(): void {
    for (const ending of ['', '-journal', '-wal', '-shm']) rmSync(`${this.store}${ending}`, { force: true });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /**
   * Keeps other conversions out. A lock of a process that is gone does not count.
   *
   * @returns What lets them in again.
   * @throws StorageError `STORAGE_BUSY`.
   */
  async lock(): Promise<() => void> {
    const file = join(this.folder, 'lock');
    for (const deadline = Date.now() + PATIENCE_MS; ; ) {
      try {
        writeFileSync(file, String(process.pid), { flag: 'wx' });
        heldHere.add(file);
        return () => {
          heldHere.delete(file);
          rmSync(file, { force: true });
        };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        const owner = Number(readFileSync(file, 'utf8'));
        if (owner === process.pid ? heldHere.has(file) : isRunning(owner)) {
          if (Date.now() > deadline) throw underWay(owner);
          await setTimeout(20);
          continue;
        }
        rmSync(file, { force: true });
      }
    }
  }

  /** Bytes that may be written beside the target. */
  freeBytes(): number {
    const { bavail, bsize } = statfsSync(dirname(this.folder));
    return bavail * bsize;
  }

  /** Whether a file can have two names here, which some file systems do not know. */
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

/** @throws StorageError `STORAGE_DISK_FULL` when there is less room than is going to be needed. */
export function requireRoom(needed: number, free: number, folder: string): void {
  if (free >= needed) return;
  throw new StorageError(
    'STORAGE_DISK_FULL',
    `Converting needs about ${mebibytes(needed)} MiB in ${folder}, where ${mebibytes(free)} MiB are free. ` +
      'Free space, or convert to a file on another disk. Nothing was changed.',
    { backend: BACKEND_NAME, outcome: 'not-applied', details: { needed, free } },
  );
}

function mebibytes(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(1);
}

function isRunning(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function underWay(pid: number): StorageError {
  return new StorageError(
    'STORAGE_BUSY',
    `Another conversion to the same target is under way, in process ${pid}. Wait for it, or end it.`,
    { backend: BACKEND_NAME, outcome: 'not-applied', details: { reason: 'conversion-under-way' } },
  );
}
