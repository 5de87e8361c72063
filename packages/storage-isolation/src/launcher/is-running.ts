import { readFileSync } from 'node:fs';

/**
 * Returns whether a process of this machine is running. One that has ended and was not reaped by its parent, a zombie,
 * is not: it holds no file and no lock. Containers whose first process reaps nothing keep zombies forever.
 *
 * @param pid Process id. Anything but a positive integer returns false.
 */
export function isProcessRunning(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return !isZombie(pid);
}

/** Linux only; elsewhere a zombie counts as running. */
function isZombie(pid: number): boolean {
  if (process.platform !== 'linux') return false;
  try {
    // The name of the program, in parentheses, may contain anything, also a parenthesis.
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return /^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
}
