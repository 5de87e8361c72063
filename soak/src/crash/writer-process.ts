import type { ChildProcess } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { forkChild } from '../harness/children.js';
import { applied, type Ledger, type Operation } from './ledger.js';
import type { FromWriter, ToWriter } from './messages.js';

const program = fileURLToPath(new URL('./writer.js', import.meta.url));
/** Time for messages of a stopped writer to arrive; they are already in the pipe. */
const DRAIN_MS = 6;
const PATIENCE_MS = 90_000;

/** Counts over the operations of a writer. */
export interface WriterCounts {
  acknowledged: number;
  refused: number;
  resolvedApplied: number;
  resolvedAbsent: number;
}

/** A writer process and the known state of its store. */
export class WriterProcess {
  ledger: Ledger = {};
  /** Operation in progress. */
  pending: Operation | null = null;
  readonly faults: string[] = [];
  readonly #child: ChildProcess;
  readonly #counts: WriterCounts;
  readonly #ended: Promise<void>;
  #alive = true;
  #paused = false;
  #waiting: (() => void)[] = [];
  #printed = '';

  /** Starts the process, which waits for {@link write}. */
  constructor(counts: WriterCounts) {
    this.#counts = counts;
    this.#child = forkChild(program);
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (data: Buffer) => {
        this.#printed = (this.#printed + data.toString()).slice(-2_000);
      });
    }
    this.#child.on('message', (message: FromWriter) => this.#onMessage(message));
    const exit = new Promise((resolve) => this.#child.once('exit', resolve));
    const disconnect = new Promise((resolve) => this.#child.once('disconnect', resolve));
    this.#ended = Promise.all([exit, disconnect]).then(() => {
      this.#alive = false;
      this.#wake();
    });
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  get alive(): boolean {
    return this.#alive;
  }

  write(task: Omit<Extract<ToWriter, { type: 'write' }>, 'type'>): void {
    this.ledger = task.ledger;
    this.#send({ type: 'write', ...task });
  }

  /** Waits for this many further acknowledged operations, or until the writer has exited. */
  async acknowledged(count: number): Promise<void> {
    const wanted = this.#counts.acknowledged + count;
    await this.#until(() => this.#counts.acknowledged >= wanted, 'acknowledges nothing');
  }

  /** Lets it finish its operation, so that the outcome is known, and wait. */
  async pause(): Promise<void> {
    this.#send({ type: 'pause' });
    await this.#until(() => this.#paused, 'does not pause');
  }

  resume(): void {
    this.#paused = false;
    this.#send({ type: 'resume' });
  }

  /** Waits until all messages of a stopped writer are read. */
  async drain(): Promise<void> {
    await pause(DRAIN_MS);
    await new Promise((resolve) => setImmediate(resolve));
    await pause(DRAIN_MS);
  }

  /** Kills it by SIGKILL, after all of its messages have arrived. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  #send(message: ToWriter): void {
    if (this.#alive && this.#child.connected) this.#child.send(message, () => undefined);
  }

  #onMessage(message: FromWriter): void {
    if (message.type === 'begin') this.pending = message.operation;
    else if (message.type === 'acknowledged') this.#settle(this.pending ?? [], 'acknowledged');
    else if (message.type === 'refused') this.#settle([], 'refused');
    else if (message.type === 'resolved') {
      const applied = (this.pending ?? []).slice(0, message.applied);
      this.#settle(applied, applied.length > 0 ? 'resolvedApplied' : 'resolvedAbsent');
    } else if (message.type === 'paused') this.#paused = true;
    else if (message.type === 'fault') this.faults.push(message.message);
    this.#wake();
  }

  #settle(changes: Operation, as: keyof WriterCounts): void {
    this.ledger = applied(this.ledger, changes);
    this.pending = null;
    this.#counts[as] += 1;
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  async #until(reached: () => boolean, complaint: string): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    while (!reached()) {
      if (!this.#alive) {
        this.faults.push(`The writer exited unexpectedly: ${this.#printed}`);
        return;
      }
      const left = deadline - Date.now();
      if (left <= 0) {
        this.faults.push(`The writer ${complaint} for ${PATIENCE_MS / 1000} s: ${this.#printed}`);
        return;
      }
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        timer = setTimeout(resolve, left);
      });
      clearTimeout(timer);
    }
  }
}
