import { existsSync, linkSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { requireNoReplica } from '@switchyard/sqlite-common';
import { StorageError } from '@switchyard/storage-core';
import { BACKEND_NAME } from '../backend-name.js';
import { flushFile, flushFolder } from './durable.js';

/**
 * Gives a finished store its name, which nothing had before. It appears whole or not at all.
 *
 * @param requireHost Ends this process if the program that called for the conversion is gone.
 * @throws StorageError `STORAGE_CONSTRAINT` when something is there by now.
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
  rmSync(target, { force: true }); // a file of no bytes, such as mktemp makes
  try {
    if (canLink) linkSync(store, target);
    else renameSync(store, target);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') requireFree(target);
    throw error;
  }
  flushFolder(dirname(target));
}

/** @throws StorageError `STORAGE_CONSTRAINT` when the path is taken. */
export function requireFree(target: string): void {
  requireNoReplica(target, { backend: BACKEND_NAME, location: target });
  for (const path of [target, `${target}-wal`, `${target}-journal`]) {
    if (!existsSync(path) || (statSync(path).isFile() && statSync(path).size === 0)) continue;
    throw new StorageError('STORAGE_CONSTRAINT', `${path} exists already. Nothing was changed.`, {
      backend: BACKEND_NAME,
      outcome: 'not-applied',
      advice: 'Give the path of a new file. To add to an existing store, use `switchyard copy`.',
    });
  }
}
