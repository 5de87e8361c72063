import { type BigIntStats, fstatSync, readdirSync, statSync } from 'node:fs';
import { platform } from 'node:process';
import { StorageError } from '@switchyard/storage-core';
import type { StoreKind } from './store-kind.js';

/** One file that backends of this process have open. */
interface OpenFile {
  /** The backend that has it open. Each brings its own copy of SQLite. */
  readonly backend: string;
  /** Null while it is not known to be a store yet. */
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
  return openFiles.get(identify(path) ?? '')?.kind ?? null;
}

/**
 * Opens a file through the driver of a backend. Nothing can come in between: it is one turn of the event loop.
 *
 * Refuses a file that another backend of this process has open: two copies of SQLite in one process do not know of each
 * other's locks, so that what one closes drops those of the other, and acknowledged writes are lost.
 *
 * @throws StorageError `STORAGE_BUSY`; what opening throws.
 */
export function openStoreFile<T extends { close(): unknown }>(
  path: string,
  backend: string,
  open: () => T,
): { readonly connection: T; readonly file: StoreFile } {
  requireSoleDriver(path, backend);
  const before = identify(path);
  const connection = open();
  const file = new StoreFile(path, backend);
  if (before !== null && before !== identify(path)) {
    connection.close();
    file.release();
    throw replaced(path, backend, 'not-applied');
  }
  return { connection, file };
}

function requireSoleDriver(path: string, backend: string): void {
  const other = openFiles.get(identify(path) ?? '');
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
 * The file that a connection has just opened: knows whether the path still leads to it. Symbolic links are followed,
 * since what counts is what the path leads to.
 */
export class StoreFile {
  readonly #path: string;
  readonly #backend: string;
  readonly #identity: string | null;
  #isReleased = false;
  #hasWritten = false;

  /** Right after the connection was opened: see {@link openStoreFile}. */
  constructor(path: string, backend: string) {
    this.#path = path;
    this.#backend = backend;
    const identity = identify(path);
    this.#identity = identity === UNKNOWN ? null : identity;
    if (this.#identity === null) return;
    const entry = openFiles.get(this.#identity) ?? { backend, kind: null, users: 0 };
    entry.users += 1;
    openFiles.set(this.#identity, entry);
  }

  /**
   * The store is ready for its callers: what was written until now, such as its schema, was not theirs.
   *
   * @param kind What the file is, remembered for whoever opens it next.
   */
  opened(kind: 'legacy' | 'switchyard-libsql'): void {
    const entry = openFiles.get(this.#identity ?? '');
    if (entry !== undefined) entry.kind = kind;
    this.#hasWritten = false;
  }

  /**
   * To be called after each commit.
   *
   * @throws StorageError `STORAGE_FILE_REPLACED`.
   */
  committed(): void {
    this.#hasWritten = true;
    this.requireCurrent('unknown');
  }

  /**
   * To be called when the connection was closed. Whoever only read is not told: a file that is replaced by a newer one
   * is no loss to them.
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
   * Whether a descriptor of this process leads to the file, whoever opened it; null where the system does not list
   * descriptors. Opens nothing: it looks at descriptors that are there.
   */
  hasDescriptor(): boolean | null {
    const identity = this.#identity;
    if (identity === null) return null;
    try {
      return descriptors().some((descriptor) => identifyDescriptor(descriptor) === identity);
    } catch {
      return null;
    }
  }

  /** Returns true if the path still leads to the opened file, or the file system cannot tell. */
  get isCurrent(): boolean {
    if (this.#identity === null) return true;
    const found = identify(this.#path);
    return found === this.#identity || found === UNKNOWN;
  }

  /**
   * Two microseconds, at every commit.
   *
   * @param outcome What became of the write that is checked.
   * @throws StorageError `STORAGE_FILE_REPLACED`.
   */
  requireCurrent(outcome: 'not-applied' | 'unknown'): void {
    if (this.isCurrent) return;
    throw replaced(this.#path, this.#backend, outcome);
  }

  /** The connection is closed. Idempotent. */
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
    outcome === 'not-applied' ? 'Nothing was written.' : 'What was written last may be in the old file only.';
  return new StorageError(
    'STORAGE_FILE_REPLACED',
    `${path} was deleted, moved or replaced while it was open: what is written to the old file is not in the one at ` +
      `this path. ${became}`,
    { backend, outcome },
  );
}

/** Result of {@link identify} if the file system has no answer. */
const UNKNOWN = 'unknown';

/** Device and inode; null where there is no file. */
function identify(path: string): string | null {
  let stats: BigIntStats | undefined;
  try {
    stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch {
    return UNKNOWN; // such as a folder on the way that this user may not enter any more
  }
  if (stats === undefined) return null;
  return stats.ino === 0n ? UNKNOWN : `${stats.dev}:${stats.ino}`;
}

/** The open descriptors of this process. @throws where the system does not list them, as on Windows. */
function descriptors(): number[] {
  return readdirSync(platform === 'linux' ? '/proc/self/fd' : '/dev/fd').map(Number);
}

function identifyDescriptor(descriptor: number): string | null {
  try {
    const { dev, ino } = fstatSync(descriptor, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return null; // closed meanwhile, such as that of the listing itself
  }
}
