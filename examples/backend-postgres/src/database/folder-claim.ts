import { readFile, rm, writeFile } from 'node:fs/promises';
import { StorageError } from '@switchyard/storage-core';
import { BACKEND_NAME } from '../capabilities.js';

/**
 * Claims the folder of an embedded database for this process, by a file beside it. PGlite does not notice that another
 * process uses the folder, and both would write to it.
 *
 * @returns A function that ends the claim.
 * @throws StorageError `STORAGE_BUSY`
 */
export async function claimFolder(path: string): Promise<() => Promise<void>> {
  const file = `${path}.lock`;
  const release = () => rm(file, { force: true });
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      await writeFile(file, String(process.pid), { flag: 'wx' });
      return release;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const owner = Number(await readFile(file, 'utf8').catch(() => ''));
    if (owner !== process.pid && isRunning(owner)) throw inUse(owner);
    await release(); // left by a process that was killed
  }
  throw inUse(null);
}

function isRunning(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid < 1) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function inUse(pid: number | null): StorageError {
  return new StorageError(
    'STORAGE_BUSY',
    `The embedded database is open in ${pid === null ? 'another process' : `process ${pid}`}.`,
    {
      backend: BACKEND_NAME,
      outcome: 'not-applied',
      advice: 'Close it there first; for several processes, use a server.',
    },
  );
}
