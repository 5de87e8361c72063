import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { connect, releaseClosedConnections } from '@switchyard/backend-libsql/bulk';
import type { SqliteDriver } from '@switchyard/sqlite-common';
import { type CallOptions, isStorageError, StorageError } from '@switchyard/storage-core';
import { checkCall } from '@switchyard/storage-core/backend';
import { isProcessRunning } from '@switchyard/storage-isolation';
import { BACKEND_NAME } from './backend-name.js';

/** Maximum wait for an orphan, in milliseconds: a conversion whose program has ended. It is about to exit by itself. */
const ORPHAN_PATIENCE_MS = 30_000;

/** Maximum wait, in milliseconds, for a holder that has not recorded its name yet. */
const UNNAMED_PATIENCE_MS = 1_000;

const POLL_MS = 20;

/** The database whose lock keeps other conversions out; empty. */
export const LOCK_NAME = 'lock.db';

/**
 * Records the process that holds the lock, for messages and to recognize an orphan. Stale while nobody holds the lock.
 */
export const OWNER_NAME = 'lock-owner.json';

/** The processes of one conversion. */
interface Owner {
  /** The process that converts and holds the lock. */
  readonly pid: number;
  /** Program that started the conversion. */
  readonly hostPid: number;
}

/** Input of {@link lockWorkspace}. */
export interface LockRequest extends CallOptions {
  /** Folder of the workspace. It may be removed, and is created again, while this call waits. */
  readonly folder: string;
  /** Program that started this conversion. */
  readonly hostPid: number;
  /** Creates the folder if it is missing. */
  createFolder(): void;
  /** Called once when an orphan is found; a returned promise is awaited. */
  onWait(): unknown;
  /** Maximum wait for an orphan. Default 30 seconds. */
  readonly orphanPatienceMs?: number | undefined;
}

/**
 * Keeps other conversions out of a workspace until the returned function is called, or this process ends in any way.
 *
 * The lock is that of SQLite, which the kernel drops when the process ends. A file with a process id would outlive a
 * killed process: its number may belong to another process by then, or to a zombie, and two conversions that both
 * remove a stale file could both go on.
 *
 * @throws StorageError `STORAGE_BUSY` at once if another conversion is running, or if an orphan does not end in time;
 * `STORAGE_ABORTED` and `STORAGE_TIMEOUT` while waiting.
 */
export async function lockWorkspace(request: LockRequest): Promise<() => void> {
  const { folder, hostPid, createFolder, onWait, orphanPatienceMs = ORPHAN_PATIENCE_MS } = request;
  const file = join(folder, LOCK_NAME);
  const started = performance.now();
  let waits = false;
  for (;;) {
    checkCall(request, BACKEND_NAME);
    createFolder();
    const isNew = !existsSync(file);
    const release = tryLock(file);
    if (release !== null) {
      writeFileSync(join(folder, OWNER_NAME), JSON.stringify({ pid: process.pid, hostPid } satisfies Owner));
      return release;
    }
    if (isNew) continue;
    const owner = readOwner(folder);
    const isOrphan = owner !== null && !isProcessRunning(owner.hostPid);
    const waited = performance.now() - started;
    if (owner !== null && (!isOrphan || waited >= orphanPatienceMs)) throw underWay(owner, isOrphan);
    if (owner === null && waited >= UNNAMED_PATIENCE_MS) throw underWay(null, false);
    if (isOrphan && !waits) {
      waits = true;
      await onWait();
    }
    await releaseClosedConnections();
    await setTimeout(POLL_MS);
  }
}

/** Returns null if the lock is held, or if its file was removed or replaced while it was being taken. */
function tryLock(file: string): (() => void) | null {
  const before = inodeOf(file);
  let driver: SqliteDriver | null = null;
  try {
    driver = connect({ file, busyTimeoutMs: 0, reconnects: false });
    driver.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    driver?.close();
    // Held, or removed together with its folder by its holder.
    if (isStorageError(error, 'STORAGE_BUSY') || !existsSync(dirname(file))) return null;
    throw error;
  }
  const held = driver;
  const release = () => {
    held.exec('ROLLBACK'); // the binding may keep a closed connection, and its lock, until it is collected
    held.close();
  };
  // The holder may have removed the file, and a third conversion may have locked its successor.
  if (before !== null && inodeOf(file) === before) return release;
  release();
  return null;
}

function inodeOf(file: string): number | null {
  return statSync(file, { throwIfNoEntry: false })?.ino ?? null;
}

/** Returns null if no owner is recorded, or the record is incomplete. */
function readOwner(folder: string): Owner | null {
  try {
    return JSON.parse(readFileSync(join(folder, OWNER_NAME), 'utf8')) as Owner;
  } catch {
    return null;
  }
}

function underWay(owner: Owner | null, isOrphan: boolean): StorageError {
  const by = owner === null ? '' : `, in process ${owner.pid}`;
  const message = isOrphan
    ? `A conversion to the same target, whose program has ended, is still running${by}. End that process.`
    : `Another conversion to the same target is running${by}${owner === null ? '' : `, started by process ${owner.hostPid}`}. Wait for it, or end it.`;
  return new StorageError('STORAGE_BUSY', message, {
    backend: BACKEND_NAME,
    outcome: 'not-applied',
    details: { reason: 'conversion-under-way' },
  });
}
