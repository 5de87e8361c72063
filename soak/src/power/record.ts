import { execFile } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { DiskEvent } from './events.js';
import { readTrace, TRACED } from './trace.js';

/** A kind of store whose writes are recorded. */
export interface Recording {
  readonly name: string;
  /** Prefix of the path in the connection string. */
  readonly scheme: string;
  readonly operations: number;
  readonly dimension: number;
  /** Switches the store to a rollback journal while it is closed, as some applications do. */
  readonly rollbackJournal?: boolean;
}

/** The large ones checkpoint their WAL several times during writes. */
export const recordings: readonly Recording[] = [
  { name: 'libsql-small', scheme: '', operations: 60, dimension: 16 },
  { name: 'libsql-large', scheme: '', operations: 160, dimension: 768 },
  { name: 'legacy-small', scheme: 'sqlite-vec:', operations: 60, dimension: 16 }, // @legacy
  { name: 'legacy-journal', scheme: 'sqlite-vec:', operations: 60, dimension: 16, rollbackJournal: true }, // @legacy
  { name: 'legacy-large', scheme: 'sqlite-vec:', operations: 120, dimension: 384 }, // @legacy
];

const program = fileURLToPath(new URL('./recorded.js', import.meta.url));

/** Returns true if system calls can be recorded on this machine. */
export async function canRecord(): Promise<boolean> {
  return promisify(execFile)('strace', ['-o', '/dev/null', 'true']).then(
    () => true,
    () => false,
  );
}

/** Message for machines without support for recording. */
export const recordHint =
  'Recording needs Linux with strace (apt-get install strace) that may trace processes.';

/** Writes a store under strace and returns the changes of its files. */
export async function record(
  { scheme, operations, dimension, rollbackJournal = false }: Recording,
  seed: string,
  folder: string,
): Promise<DiskEvent[]> {
  mkdirSync(folder, { recursive: true });
  const trace = `${folder}.trace`;
  const tracing = ['-f', '-y', '-xx', '-s', '1000000', '-e', `trace=${TRACED}`, '-o', trace];
  const args = [program, folder, scheme, seed, String(operations), String(dimension)];
  if (rollbackJournal) args.push('rollback-journal');
  await promisify(execFile)('strace', [...tracing, process.execPath, ...args]);
  const events = await readTrace(trace, folder);
  rmSync(trace);
  return events;
}
