import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { afterEach } from 'vitest';

const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** Runs a program in a process of its own, which is killed after the test at the latest.
 *
 * @param program Absolute path, or the name of one beside this file.
 */
export function startChild(program: string, args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [resolve(import.meta.dirname, program), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  return child;
}

/** The exit code and everything a child wrote. */
export function finished(child: ChildProcess): Promise<{ code: number | null; output: string }> {
  let output = '';
  child.stdout?.on('data', (data: Buffer) => {
    output += data.toString();
  });
  child.stderr?.on('data', (data: Buffer) => {
    output += data.toString();
  });
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ code, output }));
  });
}
