import { linkSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { connect, releaseClosedConnections } from '@switchyard/backend-libsql/bulk';
import type { SqliteDriver } from '@switchyard/sqlite-common';
import { isStorageError, StorageError } from '@switchyard/storage-core';
import { BACKEND_NAME } from '../backend-name.js';
import { createPrivately, takeOver } from '../private-files.js';
import { quoteText } from '../quote.js';
import { type Fingerprint, fingerprintOf } from '../source/fingerprint.js';
import { flushFile, flushFolder } from './durable.js';

/** What {@link replaceFile} works with. */
export interface Replacement {
  /** The legacy store. */
  readonly file: string;
  /** The finished store, on the same file system. */
  readonly store: string;
  /** The name the legacy store gets. */
  readonly backup: string;
  /** The moment of the legacy store that was converted. */
  readonly fingerprint: Fingerprint;
  readonly canLink: boolean;
  /** Ends this process if the program that called for the conversion is gone. */
  readonly requireHost: () => void;
}

/** How long others are waited for. */
const PATIENCE_MS = 3000;

/**
 * Puts a finished store into the place of the legacy one, which gets another name.
 *
 * The legacy store is locked first, so that nobody else reads or writes it, and its log is written back into it by
 * SQLite, so that it is one complete file. Then that file gets its second name, and at last its first name is given to
 * the new store, by one rename. Killed at any moment, the path leads to the whole old store or to the whole new one.
 *
 * @throws StorageError `STORAGE_BUSY` when another process has the legacy store open, or has written it since.
 */
export async function replaceFile({
  file,
  store,
  backup,
  fingerprint,
  canLink,
  requireHost,
}: Replacement): Promise<void> {
  takeOver(file, store);
  flushFile(store);
  const legacy = await lock(file, fingerprint);
  try {
    requireHost();
    // One file from now on. Still the legacy store, whatever happens.
    legacy.all('PRAGMA journal_mode = DELETE');
    if (!canLink) copyTo(legacy, file, backup);
    legacy.exec('BEGIN EXCLUSIVE');
    // Of the locked file, which nobody else has open: the empty remains of a log and its index.
    for (const ending of ['-wal', '-shm', '-journal']) rmSync(`${file}${ending}`, { force: true });
    if (canLink) linkBackup(file, backup);
    flushFolder(dirname(file));
    requireHost();
    renameSync(store, file);
    flushFolder(dirname(file));
    legacy.exec('ROLLBACK');
  } finally {
    legacy.close();
    await releaseClosedConnections();
  }
}

/**
 * Rolls back what a kill left of the step in which a legacy store becomes one file, as whoever opens it for writing would:
 * until then SQLite's journal of that step lies beside it, and it cannot be read without being written.
 *
 * @throws StorageError `STORAGE_BUSY` when another process is at that step.
 */
export async function rollBackReplacement(file: string): Promise<void> {
  if ((statSync(`${file}-journal`, { throwIfNoEntry: false })?.size ?? 0) === 0) return;
  const driver = connect({ file, busyTimeoutMs: PATIENCE_MS, reconnects: false });
  try {
    driver.first('SELECT count(*) AS n FROM sqlite_master');
  } finally {
    driver.close();
    await releaseClosedConnections();
  }
}

/** A connection on which nobody else can open the file any more. */
async function lock(file: string, fingerprint: Fingerprint): Promise<SqliteDriver> {
  for (const deadline = Date.now() + PATIENCE_MS; ; ) {
    await releaseClosedConnections();
    const driver = connect({ file, busyTimeoutMs: 100, reconnects: false });
    try {
      driver.all('PRAGMA locking_mode = EXCLUSIVE');
      driver.exec('BEGIN IMMEDIATE');
      if (fingerprintOf(file) !== fingerprint) throw changed(file);
      driver.exec('COMMIT');
      return driver;
    } catch (error) {
      driver.close();
      await releaseClosedConnections();
      if (!isStorageError(error, 'STORAGE_BUSY') || error.details?.reason !== undefined) throw error;
      if (Date.now() > deadline) throw held(file, error);
      await setTimeout(50);
    }
  }
}

function linkBackup(file: string, backup: string): void {
  try {
    linkSync(file, backup);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    // What a conversion that was killed here has made already.
    if (statSync(backup).ino !== statSync(file).ino) throw taken(backup);
  }
}

function copyTo(legacy: SqliteDriver, file: string, backup: string): void {
  const unfinished = `${backup}.unfinished`;
  rmSync(unfinished, { force: true });
  createPrivately(unfinished);
  legacy.exec(`VACUUM INTO ${quoteText(unfinished)}`);
  takeOver(file, unfinished);
  flushFile(unfinished);
  renameSync(unfinished, backup);
}

function taken(backup: string): StorageError {
  return new StorageError(
    'STORAGE_CONSTRAINT',
    `${backup}, where the backup belongs, is there already: move it away or name another backup. Nothing was changed.`,
    { backend: BACKEND_NAME, outcome: 'not-applied' },
  );
}

function changed(file: string): StorageError {
  return new StorageError(
    'STORAGE_BUSY',
    `${file} was written while it was being converted. Stop what writes to it and try again. It is still the legacy store.`,
    { backend: BACKEND_NAME, outcome: 'not-applied', details: { reason: 'source-changed' } },
  );
}

function held(file: string, cause: unknown): StorageError {
  return new StorageError(
    'STORAGE_BUSY',
    `Another process has ${file} open. Stop it and try again: what was converted is kept, so that this will be quick. ` +
      'The file is still the legacy store.',
    { backend: BACKEND_NAME, outcome: 'not-applied', details: { reason: 'source-open' }, cause },
  );
}
