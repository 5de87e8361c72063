import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { forkChild } from './children.js';
import type { TaskMessage } from './task-server.js';

/** End of a task. */
export type TaskEnd =
  | { readonly kind: 'done' }
  /** The task itself threw: a bug in the harness. */
  | { readonly kind: 'failed'; readonly message: string }
  /** The process died during a step. */
  | { readonly kind: 'died'; readonly step: string; readonly how: string; readonly printed: string }
  /** A step took longer than allowed; the process was killed. */
  | { readonly kind: 'hung'; readonly step: string };

/** Events of a running task. */
export interface TaskListener {
  onResult(name: string, value: unknown): void;
}

const TAIL_CHARACTERS = 2_000;

/** A child process that runs tasks one after the other, and is restarted if one of them kills it. */
export class TaskProcess {
  readonly #module: string;
  readonly #stepMs: number;
  #child: ChildProcess | null = null;
  #printed = '';

  /** @param stepMs Maximum duration of one step in milliseconds, after which the process is killed. */
  constructor(module: URL, stepMs: number) {
    this.#module = fileURLToPath(module);
    this.#stepMs = stepMs;
  }

  run(task: object, { onResult }: TaskListener): Promise<TaskEnd> {
    const child = this.#start();
    this.#printed = '';
    let step = 'start';
    return new Promise((resolve) => {
      let hung = false;
      const watchdog = setTimeout(() => {
        hung = true;
        child.kill('SIGKILL');
      }, this.#stepMs);
      const finish = (end: TaskEnd): void => {
        clearTimeout(watchdog);
        child.off('message', onMessage);
        child.off('close', onClose);
        resolve(end);
      };
      const onMessage = (message: TaskMessage): void => {
        watchdog.refresh();
        if (message.type === 'step') step = message.name;
        else if (message.type === 'result') onResult(message.name, message.value);
        else if (message.type === 'done') finish({ kind: 'done' });
        else finish({ kind: 'failed', message: message.message });
      };
      const onClose = (code: number | null, signal: string | null): void => {
        this.#child = null;
        if (hung) finish({ kind: 'hung', step });
        else finish({ kind: 'died', step, how: signal ?? `exit ${code}`, printed: this.#printed });
      };
      child.on('message', onMessage);
      child.on('close', onClose);
      child.send(task);
    });
  }

  stop(): void {
    this.#child?.kill('SIGKILL');
    this.#child = null;
  }

  #start(): ChildProcess {
    if (this.#child !== null) return this.#child;
    const child = forkChild(this.#module);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (data: Buffer) => {
        this.#printed = (this.#printed + data.toString()).slice(-TAIL_CHARACTERS);
      });
    }
    this.#child = child;
    return child;
  }
}
