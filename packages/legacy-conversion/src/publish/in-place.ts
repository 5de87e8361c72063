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

/** Input of {@link replaceFile}. */
export interface Replacement {
  /** Path of the legacy store. */
  readonly file: string;
  /** Path of the finished store, on the same file system. */
  readonly store: string;
  /** Path of the backup. */
  readonly backup: string;
  /** State of the legacy store that was converted. */
  readonly fingerprint: Fingerprint;
  readonly canLink: boolean;
  /** Exits this process if the program that started the conversion has ended. */
  readonly requireHost: () => void;
}

/** Maximum wait for other processes, in milliseconds. */
const PATIENCE_MS = 3000;

/**
 * Replaces the legacy store with a finished store, and keeps the old one under another name.
 *
 * First locks the legacy store, so that no other process reads or writes it, and checkpoints its WAL, so that it is one
 * complete file. Then links the file to its second name, and finally renames the new store to the first name. After a
 * kill at any moment, the path leads to the complete old store or to the complete new one.
 *
 * @throws StorageError `STORAGE_BUSY` if another process has the legacy store open, or wrote it during the conversion.
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
    // A single file from now on. Still the legacy store, whatever happens.
    legacy.all('PRAGMA journal_mode = DELETE');
    if (!canLink) copyTo(legacy, file, backup);
    legacy.exec('BEGIN EXCLUSIVE');
    // Empty remains of the WAL and its index, next to a locked file that no other process has open.
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
 * Rolls back an interrupted checkpoint of a legacy store into one file, as opening it for writing would: until then,
 * SQLite's journal of that step is next to it, and it cannot be read without being written.
 *
 * @throws StorageError `STORAGE_BUSY` if another process is performing that step.
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

/** Returns a connection on which no other process can open the file. */
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
    // Already created by a conversion that was killed here.
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
    `The backup ${backup} already exists: move it away or choose another name. Nothing was changed.`,
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
    `Another process has ${file} open. Stop it and try again: the converted store is kept, so this will be quick. ` +
      'The file is still the legacy store.',
    { backend: BACKEND_NAME, outcome: 'not-applied', details: { reason: 'source-open' }, cause },
  );
}
