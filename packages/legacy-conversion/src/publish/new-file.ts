import { existsSync, linkSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { requireNoReplica } from '@switchyard/sqlite-common';
import { StorageError } from '@switchyard/storage-core';
import { BACKEND_NAME } from '../backend-name.js';
import { flushFile, flushFolder } from './durable.js';

/**
 * Renames a finished store to an unused path, completely or not at all.
 *
 * @param requireHost Exits this process if the program that started the conversion has ended.
 * @throws StorageError `STORAGE_CONSTRAINT` if the path exists by now.
 */
export function publishNewFile(
  store: string,
  target: string,
  canLink: boolean,
  requireHost: () => void,
): void {
  flushFile(store);
  requireFree(target);
  requireHost();
  rmSync(target, { force: true }); // an empty file, such as created by mktemp
  try {
    if (canLink) linkSync(store, target);
    else renameSync(store, target);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') requireFree(target);
    throw error;
  }
  flushFolder(dirname(target));
}

/** @throws StorageError `STORAGE_CONSTRAINT` if the path exists. */
export function requireFree(target: string): void {
  requireNoReplica(target, { backend: BACKEND_NAME, location: target });
  for (const path of [target, `${target}-wal`, `${target}-journal`]) {
    if (!existsSync(path) || (statSync(path).isFile() && statSync(path).size === 0)) continue;
    throw new StorageError('STORAGE_CONSTRAINT', `${path} already exists. Nothing was changed.`, {
      backend: BACKEND_NAME,
      outcome: 'not-applied',
      advice: 'Pass the path of a new file. To add to an existing store, use `switchyard copy`.',
    });
  }
}
