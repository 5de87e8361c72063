import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  fchmodSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  type Stats,
  statSync,
} from 'node:fs';
import { StorageError } from '@switchyard/storage-core';
import { BACKEND_NAME } from './backend-name.js';

/** Read, write and execute permissions, for owner, group and others. */
const PERMISSIONS = 0o777;
const GROUP = 0o070;

/** Files that a conversion creates in its working folder. */
const OWN_NAMES =
  /^(?:store|snapshot)\.db(?:-wal|-shm|-journal|\.unfinished(?:-journal)?)?$|^finished\.json$|^lock\.db(?:-journal)?$|^lock-owner\.json$|^link-(?:from|to)$/;

/**
 * Creates a folder that only this user can enter, or takes over one of an earlier conversion by this user.
 *
 * @returns True if it was created.
 * @throws StorageError `STORAGE_CONSTRAINT` for a link, a folder of another user, and one with other files.
 */
export function makePrivateFolder(folder: string): boolean {
  const made = mkdirIfMissing(folder);
  if (!made) requireOwnFolder(folder);
  chmodSync(folder, 0o700);
  return made;
}

function mkdirIfMissing(folder: string): boolean {
  try {
    mkdirSync(folder, { mode: 0o700 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}

/** @throws StorageError `STORAGE_CONSTRAINT` if the path exists and is not a working folder of this user. */
export function requireOwnFolder(folder: string): void {
  const there = lstatSync(folder, { throwIfNoEntry: false });
  if (there === undefined) return;
  if (!there.isDirectory()) throw notOurs(folder, 'is a link or a file');
  if (!isOwn(there)) throw notOurs(folder, 'belongs to another user');
  const other = readdirSync(folder).find((name) => !OWN_NAMES.test(name));
  if (other !== undefined) throw notOurs(folder, `holds other files, such as ${other}`);
}

/**
 * Gives a new file the permissions and, as far as this user may, the owner of the file that it was made from.
 *
 * @param atLeast Permissions that it gets in any case. Default: none.
 */
export function takeOver(source: string, made: string, atLeast = 0): void {
  const { mode, uid, gid } = statSync(source);
  const permissions = (mode & PERMISSIONS) | atLeast;
  const isGroupKept = mayChown(made, uid, gid) || mayChown(made, process.getuid?.() ?? uid, gid);
  // Another group must not read a file that only the group of the source could read.
  chmodSync(made, isGroupKept ? permissions : permissions & ~GROUP);
}

function mayChown(path: string, uid: number, gid: number): boolean {
  try {
    chownSync(path, uid, gid);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
    return false;
  }
}

/**
 * Creates an empty file at an unused path; follows no link.
 *
 * @throws StorageError `STORAGE_CONSTRAINT` if the path exists by now.
 */
export function createPrivately(path: string): void {
  closeSync(openNew(path, 0o600));
}

/** Opens a new file for writing, with the permissions of the file that its content comes from. Follows no link. */
export function openNew(path: string, mode: number): number {
  const { O_CREAT, O_EXCL, O_WRONLY, O_NOFOLLOW = 0 } = constants;
  try {
    const file = openSync(path, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, 0o600);
    fchmodSync(file, mode & 0o666);
    return file;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const message = `${path} was created by something else: move it away or choose another name. Nothing was changed.`;
    throw new StorageError('STORAGE_CONSTRAINT', message, { backend: BACKEND_NAME, outcome: 'not-applied' });
  }
}

/** Opens a report, replacing that of an earlier run. */
export function openReport(path: string, source: string): number {
  const there = statSync(path, { throwIfNoEntry: false });
  // A device or pipe, such as /dev/stdout.
  if (there !== undefined && (there.isCharacterDevice() || there.isFIFO())) return openSync(path, 'w');
  rmSync(path, { force: true }); // removes a link itself
  return openNew(path, statSync(source).mode);
}

function isOwn({ uid }: Stats): boolean {
  return process.getuid === undefined || uid === process.getuid();
}

function notOurs(folder: string, what: string): StorageError {
  return new StorageError(
    'STORAGE_CONSTRAINT',
    `The working folder ${folder} ${what}: move it away, or convert to another name. Nothing was changed.`,
    { backend: BACKEND_NAME, outcome: 'not-applied' },
  );
}
