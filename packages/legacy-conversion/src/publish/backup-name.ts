import { existsSync, statSync } from 'node:fs';
import { detectStoreKind } from '@switchyard/sqlite-common';
import { isStorageError } from '@switchyard/storage-core';
import { BACKEND_NAME } from '../backend-name.js';

/** Candidates for the name of a file's backup, in order. */
function* names(file: string): Generator<string> {
  yield `${file}.legacy-backup`;
  for (let number = 2; ; number++) yield `${file}.legacy-backup-${number}`;
}

/** Returns the first name that is free, or already is a second name of this file. */
export function freeBackupName(file: string): string {
  for (const name of names(file)) {
    if (!existsSync(name) || statSync(name).ino === statSync(file).ino) return name;
  }
  throw new RangeError('There is always a next name.');
}

/** Path of the newest backup of a file; null without any. */
export function findBackup(file: string): string | null {
  let found: string | null = null;
  for (const name of names(file)) {
    if (!existsSync(name)) return found;
    found = name;
  }
  return found;
}

/** Returns true if the path is a legacy store. */
export async function isLegacyStore(path: string): Promise<boolean> {
  if (!existsSync(path)) return false;
  try {
    const { kind } = await detectStoreKind(path, { backend: BACKEND_NAME, mustExist: true });
    return kind === 'legacy';
  } catch (error) {
    if (isStorageError(error, 'STORAGE_SCHEMA_UNSUPPORTED')) return false; // a folder, or not a database
    throw error;
  }
}
