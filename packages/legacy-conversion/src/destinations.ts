import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  lstatSync,
  openSync,
  readSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { realPath } from '@switchyard/sqlite-common';
import { StorageError, type StorageErrorCode } from '@switchyard/storage-core';
import { BACKEND_NAME } from './backend-name.js';
import { requireOwnFolder } from './private-files.js';
import { requireFree } from './publish/new-file.js';
import type { ConversionTarget } from './types.js';
import { Workspace } from './workspace.js';

/** Files that a conversion creates. */
export interface Destinations {
  readonly source: string;
  readonly target: ConversionTarget;
  readonly report?: string | undefined;
}

/** Beginning of every line of a report. */
const REPORT_LINE = '{"kind":';

/** Suffixes of files that SQLite keeps next to a database, and treats as part of it. */
const COMPANIONS = ['-wal', '-shm', '-journal'];

/**
 * Refuses names that would cost a file, before anything is created: a new store over an existing file; a backup that is
 * the store itself, exists, would be removed with the working folder, or cannot be a second name of the old file; a
 * report over a file that is not a report.
 *
 * @throws StorageError `STORAGE_NOT_FOUND` if a folder does not exist, `STORAGE_PERMISSION_DENIED` if this user cannot
 * write there, `STORAGE_CONSTRAINT`.
 */
export function requireDestinations({ source, target, report }: Destinations): void {
  const store = target.type === 'file' ? resolve(target.path) : realPath(source);
  requireFolder(store, 'the store');
  requireOwnFolder(new Workspace(store).folder);
  if (target.type === 'file') requireFree(store);
  const old = realPath(source);
  const backup = target.type === 'in-place' && target.backup !== undefined ? resolve(target.backup) : null;
  if (backup !== null) requireBackup(old, backup);
  if (report !== undefined)
    requireReport(resolve(report), [old, store, ...(backup === null ? [] : [backup])]);
}

function requireBackup(source: string, backup: string): void {
  requireFolder(backup, 'the backup');
  if (isSameName(source, backup))
    throw refused(`The backup cannot have the name of the store itself, ${source}`);
  requireApart(backup, [source], 'the backup');
  const there = statSync(backup, { throwIfNoEntry: false });
  const old = statSync(source, { throwIfNoEntry: false });
  // A killed conversion has already created a second name of the old file.
  if (there !== undefined && there.ino !== old?.ino) {
    throw refused(`the backup ${backup} already exists`);
  }
  if (old !== undefined && old.dev !== statSync(dirname(backup)).dev) {
    throw refused(
      `${backup} is on another disk than ${source}, and the backup is the old file under another name`,
    );
  }
}

function requireReport(report: string, stores: readonly string[]): void {
  if (!existsSync(report)) requireFolder(report, 'the report');
  else if (!isWritable(report)) {
    throw failure('STORAGE_PERMISSION_DENIED', `This user cannot write to ${report}. Nothing was changed.`);
  }
  requireApart(report, stores, 'the report');
  if (stores.some((store) => isSameName(store, report)) || !mayBeReplaced(report)) {
    throw refused(`${report} exists and is not a report`);
  }
}

/** Returns true for a missing or empty file, a device or pipe, and the report of an earlier run. */
function mayBeReplaced(report: string): boolean {
  const there = statSync(report, { throwIfNoEntry: false });
  if (there?.isCharacterDevice() === true || there?.isFIFO() === true) return true;
  // A link would be followed, even a dangling one.
  if (lstatSync(report, { throwIfNoEntry: false })?.isSymbolicLink() === true) return false;
  if (there === undefined) return true;
  if (!there.isFile()) return false;
  if (there.size === 0) return true;
  const file = openSync(report, 'r');
  try {
    const start = Buffer.alloc(REPORT_LINE.length);
    readSync(file, start, 0, start.length, 0);
    return start.toString('latin1') === REPORT_LINE;
  } finally {
    closeSync(file);
  }
}

/** Refuses paths in a folder that is removed at the end, and paths that SQLite would treat as part of a store. */
function requireApart(path: string, stores: readonly string[], what: string): void {
  for (const store of stores) {
    const { folder } = new Workspace(store);
    const inside = relative(folder, path);
    if (inside !== '..' && !inside.startsWith(`..${sep}`) && !isAbsolute(inside)) {
      throw refused(`${what} cannot be in ${folder}, which is removed at the end`);
    }
    if (COMPANIONS.some((ending) => isSameName(`${store}${ending}`, path))) {
      throw refused(`${path} cannot be ${what}: SQLite would treat it as part of ${store}`);
    }
  }
}

/** Returns true if two paths name the same file, on case-insensitive file systems and through linked folders, too. */
function isSameName(one: string, two: string): boolean {
  const [a, b] = [one, two].map((path) => join(existing(dirname(path)), basename(path)));
  if (a === b) return true;
  const [first, second] = [one, two].map((path) => lstatSync(path, { throwIfNoEntry: false }));
  return (
    first !== undefined &&
    second !== undefined &&
    first.nlink === 1 &&
    first.ino === second.ino &&
    first.dev === second.dev
  );
}

function existing(folder: string): string {
  return existsSync(folder) ? realpathSync(folder) : folder;
}

/** Checks that the folder of a new file exists and is writable by this user. */
function requireFolder(path: string, what: string): void {
  const folder = dirname(path);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    const message = `The folder ${folder} for ${what} does not exist: create it first. Nothing was changed.`;
    throw failure('STORAGE_NOT_FOUND', message);
  }
  if (!isWritable(folder)) {
    const message = `This user cannot write to the folder ${folder} for ${what}. Nothing was changed.`;
    throw failure('STORAGE_PERMISSION_DENIED', message);
  }
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function refused(reason: string): StorageError {
  const message = `${reason[0]?.toUpperCase()}${reason.slice(1)}: choose another name. Nothing was changed.`;
  return failure('STORAGE_CONSTRAINT', message);
}

function failure(code: StorageErrorCode, message: string): StorageError {
  return new StorageError(code, message, { backend: BACKEND_NAME, outcome: 'not-applied' });
}
