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

/** Read, write and execute, for owner, group and others. */
const PERMISSIONS = 0o777;
const GROUP = 0o070;

/** What a conversion puts into its working folder. */
const OWN_NAMES =
  /^(?:store|snapshot)\.db(?:-wal|-shm|-journal|\.unfinished(?:-journal)?)?$|^finished\.json$|^lock\.db(?:-journal)?$|^lock-owner\.json$|^link-(?:from|to)$/;

/**
 * Makes a folder that only this user can enter, or takes one that an earlier conversion of this user left.
 *
 * @returns True if it was made.
 * @throws StorageError `STORAGE_CONSTRAINT` for a link, a folder of somebody else, and one that holds other files.
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

/** @throws StorageError `STORAGE_CONSTRAINT` when something is there that is no working folder of this user. */
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
 * @param atLeast Permissions that it gets in any case. Default none.
 */
export function takeOver(source: string, made: string, atLeast = 0): void {
  const { mode, uid, gid } = statSync(source);
  const permissions = (mode & PERMISSIONS) | atLeast;
  const isGroupKept = mayChown(made, uid, gid) || mayChown(made, process.getuid?.() ?? uid, gid);
  // Another group must not read what only the group of the source could.
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
 * Makes an empty file where nothing was; follows no link.
 *
 * @throws StorageError `STORAGE_CONSTRAINT` when something is there by now.
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
    const message = `${path} has appeared since the start: move it away or give another name. Nothing was changed.`;
    throw new StorageError('STORAGE_CONSTRAINT', message, { backend: BACKEND_NAME, outcome: 'not-applied' });
  }
}

/** Opens a file of problems, which takes the place of that of an earlier run. */
export function openReport(path: string, source: string): number {
  const there = statSync(path, { throwIfNoEntry: false });
  // Something that is only written to, such as /dev/stdout.
  if (there !== undefined && (there.isCharacterDevice() || there.isFIFO())) return openSync(path, 'w');
  rmSync(path, { force: true }); // of a link the link itself
  return openNew(path, statSync(source).mode);
}

function isOwn({ uid }: Stats): boolean {
  return process.getuid === undefined || uid === process.getuid();
}

function notOurs(folder: string, what: string): StorageError {
  return new StorageError(
    'STORAGE_CONSTRAINT',
    `${folder}, where the conversion would work, ${what}: move it away, or convert to another name. Nothing was changed.`,
    { backend: BACKEND_NAME, outcome: 'not-applied' },
  );
}
