import { fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Question } from '../corpus/vectors.js';
import type { Workspace } from '../harness/workspace.js';
import type { MemoryReport, MemoryTask } from './memory-child.js';

/** Writes the vectors of questions one after the other. @returns The path, for {@link MemoryTask}. */
export function writeQueries(questions: readonly Question[], workspace: Workspace): string {
  const file = workspace.path('queries.bin');
  const vectors = questions.map(({ vector }) =>
    Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength),
  );
  writeFileSync(file, Buffer.concat(vectors));
  return file;
}

/** Opens a store and searches it in a separate process. */
export function memoryOf(task: MemoryTask): Promise<MemoryReport> {
  const file = fileURLToPath(new URL('./memory-child.js', import.meta.url));
  const child = fork(file, [JSON.stringify(task)], { execArgv: ['--expose-gc'] });
  return new Promise((resolve, reject) => {
    child.once('message', (report) => resolve(report as MemoryReport));
    child.once('error', reject);
    child.once('exit', (code) => {
      if (code !== 0) reject(new Error(`The process that measures ${task.name} exited with code ${code}.`));
    });
  });
}
