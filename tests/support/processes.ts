export { isProcessRunning as isAlive } from '@switchyard/storage-isolation';

/** Waits until a condition holds, for state of other processes that has no event; the test's timeout limits it. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 10));
}
