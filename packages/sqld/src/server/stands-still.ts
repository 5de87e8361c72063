import { readdir, readFile } from 'node:fs/promises';

/** Thread states: stopped by a signal, stopped by a tracer, zombie, dead. */
const STILL = new Set(['T', 't', 'Z', 'X']);

/** Returns whether every thread of a process is stopped or has ended; always true on systems without /proc. */
export async function standsStill(pid: number): Promise<boolean> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []); // no /proc, or the process is gone
  for (const thread of threads) {
    const status = await readFile(`/proc/${pid}/task/${thread}/stat`, 'latin1').catch(() => null); // it has ended
    // The state follows the name, which is in parentheses and may itself contain parentheses.
    const state = status?.slice(status.lastIndexOf(')') + 2, status.lastIndexOf(')') + 3);
    if (state !== undefined && !STILL.has(state)) return false;
  }
  return true;
}
