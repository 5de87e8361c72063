import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { StorageError } from '@switchyard/storage-core';
import { BACKEND_NAME } from '../capabilities.js';

/** Claims of this process. A claim with its id that is not among them is left by an earlier process with the same id. */
const own = new Set<string>();

/**
 * Claims the folder of an embedded database for this process, by a file beside it. PGlite does not notice that another
 * process uses the folder, and both would write to it.
 *
 * @returns A function that ends the claim.
 * @throws StorageError `STORAGE_BUSY`
 */
export async function claimFolder(path: string): Promise<() => Promise<void>> {
  const file = `${path}.lock`;
  const claim = `${hostname()} ${process.pid} ${randomUUID()}`;
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, claim, { flag: 'wx' });
  try {
    for (let attempt = 0; attempt < 2; attempt++) {
      // A link appears with its content, so nobody reads a claim that is half written.
      if (await isDone(link(draft, file), 'EEXIST')) {
        own.add(claim);
        return async () => {
          own.delete(claim);
          await rm(file, { force: true });
        };
      }
      await removeStale(file);
    }
    throw inUse(file, null);
  } finally {
    await rm(draft, { force: true });
  }
}

/** Removes the claim of a process that was killed. @throws StorageError `STORAGE_BUSY` */
async function removeStale(file: string): Promise<void> {
  const claim = await readFile(file, 'utf8').catch(() => null);
  if (claim === null) return;
  const [host, pid] = claim.split(' ');
  // Whether a process of another machine or container runs cannot be found out from here.
  if (host !== hostname() || own.has(claim) || isRunning(Number(pid)))
    throw inUse(file, host === hostname() ? Number(pid) : null);
  const aside = `${file}.${randomUUID()}`;
  if (!(await isDone(rename(file, aside), 'ENOENT'))) return;
  try {
    if ((await readFile(aside, 'utf8')) === claim) return;
    // Another process took the stale claim first, and this is its own.
    await isDone(link(aside, file), 'EEXIST');
    throw inUse(file, null);
  } finally {
    await rm(aside, { force: true });
  }
}

/** Returns false if the work failed with this code. */
async function isDone(work: Promise<void>, code: string): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== code) throw error;
    return false;
  }
}

function isRunning(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid < 1 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function inUse(file: string, pid: number | null): StorageError {
  return new StorageError(
    'STORAGE_BUSY',
    `The embedded database is open in ${pid === null ? 'another process' : `process ${pid}`}.`,
    {
      backend: BACKEND_NAME,
      outcome: 'not-applied',
      advice: `Close it there first; for several processes, use a server. If that process no longer runs, delete ${file}.`,
    },
  );
}
