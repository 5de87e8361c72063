import { type BigIntStats, fstatSync, readdirSync, statSync } from 'node:fs';
import { platform } from 'node:process';
import { StorageError } from '@switchyard/storage-core';
import type { StoreKind } from './store-kind.js';

/** One file that backends of this process have open. */
interface OpenFile {
  /** Backend that has the file open. Each backend brings its own copy of SQLite. */
  readonly backend: string;
  /** Null until it is known to be a store. */
  kind: StoreKind | null;
  users: number;
}

/** Shared by all copies of this package in the process, hence on `globalThis`. Keyed by device and inode. */
const REGISTRY = Symbol.for('switchyard.open-files.1');
const shared = globalThis as unknown as Record<symbol, Map<string, OpenFile> | undefined>;
const openFiles = shared[REGISTRY] ?? new Map<string, OpenFile>();
shared[REGISTRY] = openFiles;

/** Returns the kind of store that a backend of this process has open at a path; null if none, or not yet known. */
export function kindOfOpenFile(path: string): StoreKind | null {
  return openFiles.get(identityOf(path) ?? '')?.kind ?? null;
}

/**
 * Opens a file through the driver of a backend, within one turn of the event loop.
 *
 * Refuses a file that another backend of this process has open: two copies of SQLite in one process do not know each
 * other's locks; closing a descriptor in one drops the locks of the other, and acknowledged writes are lost.
 *
 * @throws StorageError `STORAGE_BUSY`; any error of `open`.
 */
export function openStoreFile<T extends { close(): unknown }>(
  path: string,
  backend: string,
  open: () => T,
): { readonly connection: T; readonly file: StoreFile } {
  requireSoleDriver(path, backend);
  const before = identityOf(path);
  const connection = open();
  const file = new StoreFile(path, backend);
  if (before !== null && before !== identityOf(path)) {
    connection.close();
    file.release();
    throw replaced(path, backend, 'not-applied');
  }
  return { connection, file };
}

function requireSoleDriver(path: string, backend: string): void {
  const other = openFiles.get(identityOf(path) ?? '');
  if (other === undefined || other.backend === backend) return;
  throw new StorageError(
    'STORAGE_BUSY',
    `${path} is open in this process through the ${other.backend} backend. Two drivers in one process must not share a ` +
      'file: close the other store first, or open one of them in another process.',
    {
      backend,
      retryable: false,
      outcome: 'not-applied',
      details: { reason: 'other-driver', other: other.backend },
    },
  );
}

/**
 * Identity of a file that a connection has just opened; detects when the path no longer leads to it. Symbolic links are
 * followed.
 */
export class StoreFile {
  readonly #path: string;
  readonly #backend: string;
  readonly #identity: string | null;
  #isReleased = false;
  #hasWritten = false;

  /** Must be called right after the connection was opened: see {@link openStoreFile}. */
  constructor(path: string, backend: string) {
    this.#path = path;
    this.#backend = backend;
    const identity = identityOf(path);
    this.#identity = identity === UNKNOWN ? null : identity;
    if (this.#identity === null) return;
    const entry = openFiles.get(this.#identity) ?? { backend, kind: null, users: 0 };
    entry.users += 1;
    openFiles.set(this.#identity, entry);
  }

  /**
   * Marks the store as ready for callers. Writes up to now, such as its schema, were not made by them.
   *
   * @param kind Kind of the store, remembered for the next backend that opens it.
   */
  opened(kind: 'legacy' | 'switchyard-libsql'): void {
    const entry = openFiles.get(this.#identity ?? '');
    if (entry !== undefined) entry.kind = kind;
    this.#hasWritten = false;
  }

  /**
   * Must be called after each commit.
   *
   * @throws StorageError `STORAGE_FILE_REPLACED`.
   */
  committed(): void {
    this.#hasWritten = true;
    this.requireCurrent('unknown');
  }

  /**
   * Must be called after the connection was closed. Does not throw if nothing was written: replacing a file that was
   * only read loses nothing.
   *
   * @throws StorageError `STORAGE_FILE_REPLACED`.
   */
  closed(): void {
    this.release();
    if (this.#hasWritten) this.requireCurrent('unknown');
  }

  /** Returns true if any backend of this process has it open, including this one until it is released. */
  get users(): number {
    return openFiles.get(this.#identity ?? '')?.users ?? 0;
  }

  /**
   * Returns true if any descriptor of this process leads to the file; null where the system does not list descriptors.
   * Opens nothing.
   */
  hasDescriptor(): boolean | null {
    const identity = this.#identity;
    if (identity === null) return null;
    try {
      return descriptors().some((descriptor) => identityOfDescriptor(descriptor) === identity);
    } catch {
      return null;
    }
  }

  /** Returns true if the path still leads to the opened file, or the file system cannot tell. */
  get isCurrent(): boolean {
    if (this.#identity === null) return true;
    const found = identityOf(this.#path);
    return found === this.#identity || found === UNKNOWN;
  }

  /**
   * Checks that the path still leads to the opened file. Takes two microseconds at every commit.
   *
   * @param outcome Outcome of the write that is being checked.
   * @throws StorageError `STORAGE_FILE_REPLACED`.
   */
  requireCurrent(outcome: 'not-applied' | 'unknown'): void {
    if (this.isCurrent) return;
    throw replaced(this.#path, this.#backend, outcome);
  }

  /** Must be called when the connection is closed. Idempotent. */
  release(): void {
    if (this.#isReleased || this.#identity === null) return;
    this.#isReleased = true;
    const entry = openFiles.get(this.#identity);
    if (entry === undefined) return;
    entry.users -= 1;
    if (entry.users === 0) openFiles.delete(this.#identity);
  }
}

function replaced(path: string, backend: string, outcome: 'not-applied' | 'unknown'): StorageError {
  const became =
    outcome === 'not-applied' ? 'Nothing was written.' : 'The last write may be in the old file only.';
  return new StorageError(
    'STORAGE_FILE_REPLACED',
    `${path} was deleted, moved or replaced while it was open: writes to the old file do not reach the one at ` +
      `this path. ${became}`,
    { backend, outcome },
  );
}

/** Result of {@link identityOf} if the file system has no answer. */
const UNKNOWN = 'unknown';

/** Device and inode; null if the file does not exist. */
function identityOf(path: string): string | null {
  let stats: BigIntStats | undefined;
  try {
    stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch {
    return UNKNOWN; // such as a parent folder that this user may no longer enter
  }
  if (stats === undefined) return null;
  return stats.ino === 0n ? UNKNOWN : `${stats.dev}:${stats.ino}`;
}

/** The open descriptors of this process. @throws where the system does not list them, as on Windows. */
function descriptors(): number[] {
  return readdirSync(platform === 'linux' ? '/proc/self/fd' : '/dev/fd').map(Number);
}

function identityOfDescriptor(descriptor: number): string | null {
  try {
    const { dev, ino } = fstatSync(descriptor, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return null; // already closed, such as the one that listed them
  }
}
