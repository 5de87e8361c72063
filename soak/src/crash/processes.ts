import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { forgetStopped, rememberStopped } from '../harness/children.js';

/** A direct or indirect child process. */
export interface Descendant {
  readonly pid: number;
  readonly command: string;
}

/** Returns all direct and indirect child processes of a process. */
export async function descendantsOf(pid: number): Promise<Descendant[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,args=']);
  const children = new Map<number, Descendant[]>();
  for (const line of stdout.split('\n')) {
    const [, own, parent, command = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    if (own === undefined) continue;
    const list = children.get(Number(parent)) ?? [];
    list.push({ pid: Number(own), command });
    children.set(Number(parent), list);
  }
  const found: Descendant[] = [];
  const visit = (of: number): void => {
    for (const child of children.get(of) ?? []) {
      found.push(child);
      visit(child.pid);
    }
  };
  visit(pid);
  return found;
}

/** Returns true if a process runs a driver for an isolated backend. */
export function isDriverChild({ command }: Descendant): boolean {
  return /storage-isolation.*child\/main\.js/.test(command);
}

/** Sends a signal to a process that may no longer exist. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Stops processes and waits until none of their threads runs any more. */
export async function freeze(pids: readonly number[]): Promise<void> {
  for (const pid of pids) {
    rememberStopped(pid);
    signal(pid, 'SIGSTOP');
  }
  for (const pid of pids) while (!(await standsStill(pid))) await pause(1);
}

/** Stops a process and all of its descendants, including those being started. @returns Their pids. */
export async function freezeTree(pid: number): Promise<number[]> {
  const frozen = [pid];
  await freeze(frozen);
  for (;;) {
    const below = (await descendantsOf(pid)).map((descendant) => descendant.pid);
    const more = below.filter((id) => !frozen.includes(id));
    if (more.length === 0) return frozen;
    await freeze(more);
    frozen.push(...more);
  }
}

/** Resumes processes that {@link freeze} stopped. */
export function thaw(pids: readonly number[]): void {
  for (const pid of pids) {
    signal(pid, 'SIGCONT');
    forgetStopped(pid);
  }
}

/** Waits until processes have exited, and kills those that do not exit in time. */
export async function gone(pids: readonly number[], timeoutMs = 5_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (const pid of pids) {
    while (await isAlive(pid)) {
      if (Date.now() > deadline) signal(pid, 'SIGKILL');
      await pause(5);
    }
  }
}

/** States of a thread that is not running: stopped, traced, ended. */
const STILL = /^[TtZX]/;

async function threadStates(pid: number): Promise<string[]> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const stats = await Promise.all(
    threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/stat`, 'latin1').catch(() => null)),
  );
  return stats.flatMap((stat) => (stat === null ? [] : [stat.slice(stat.lastIndexOf(')') + 2)]));
}

/** Without /proc, ps reports the state of the whole process. */
async function processState(pid: number): Promise<string[]> {
  const states = await threadStates(pid);
  if (states.length > 0 || process.platform === 'linux') return states;
  const found = await promisify(execFile)('ps', ['-o', 'state=', '-p', String(pid)]).catch(() => null);
  return found === null ? [] : [found.stdout.trim()];
}

async function standsStill(pid: number): Promise<boolean> {
  return (await processState(pid)).every((state) => STILL.test(state));
}

async function isAlive(pid: number): Promise<boolean> {
  return (await processState(pid)).some((state) => !/^[ZX]/.test(state));
}
