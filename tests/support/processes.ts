export { isProcessRunning as isAlive } from '@switchyard/storage-isolation';

/**
 * Returns whether a child of this process has ended and Node.js has taken note: a zombie, of which it has not, still has
 * its id.
 */
export function isReaped(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}

/** Waits until a condition holds, for state of other processes that has no event; the test's timeout limits it. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 10));
}
