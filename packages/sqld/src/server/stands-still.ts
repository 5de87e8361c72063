import { readdir, readFile } from 'node:fs/promises';

/** Stopped by a signal, stopped by a tracer, ended. */
const STILL = new Set(['T', 't', 'Z', 'X']);

/** Whether every thread of a process is stopped or has ended. Systems without /proc do not tell: true. */
export async function standsStill(pid: number): Promise<boolean> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []); // no /proc, or the process is gone
  for (const thread of threads) {
    const status = await readFile(`/proc/${pid}/task/${thread}/stat`, 'latin1').catch(() => null); // it has ended
    // The state follows the name, which stands in parentheses and may contain some itself.
    const state = status?.slice(status.lastIndexOf(')') + 2, status.lastIndexOf(')') + 3);
    if (state !== undefined && !STILL.has(state)) return false;
  }
  return true;
}
