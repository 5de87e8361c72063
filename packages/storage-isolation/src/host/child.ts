import { type ChildProcess, fork } from 'node:child_process';
import { env } from 'node:process';
import { fileURLToPath } from 'node:url';
import { StorageError, tokenVariables } from '@switchyard/storage-core';
import { receiveError } from '../protocol/errors.js';
import type { ClosedMessage, OpenedMessage, ToChild, ToHost } from '../protocol/messages.js';
import type { Launch } from './launch.js';
import { alarmAt } from './timer.js';

const program = fileURLToPath(new URL('../child/main.js', import.meta.url));
/** How much of what a child printed is kept for the error that tells of its end, in characters. */
const TAIL = 2_000;
/** How long after its end what it sent and printed last is waited for, in milliseconds. */
const LAST_WORDS_MS = 500;

/** What the owner of a {@link Child} hears of it. */
export interface ChildListener {
  /** An answer to a call. */
  onMessage(message: Exclude<ToHost, OpenedMessage | ClosedMessage>): void;
  /** It has ended, by itself or killed. Nothing comes after it. */
  onEnd(error: StorageError): void;
}

/** One child process, from its start to its end. It never keeps this process alive. */
export class Child {
  readonly #process: ChildProcess;
  readonly #launch: Launch;
  readonly #ended: Promise<StorageError>;
  #stderrTail = '';
  #awaited: { resolve(message: ToHost): void } | null = null;

  constructor(launch: Launch, listener: ChildListener) {
    this.#launch = launch;
    this.#process = fork(program, [], {
      serialization: 'advanced',
      execArgv: [...launch.settings.execArgv],
      // Tokens go over the channel, where nobody can list them.
      env: Object.fromEntries(Object.entries(env).filter(([name]) => !isTokenVariable(name))),
      // 3 is the channel; 4 is a pipe whose closing tells the child that this process is gone.
      stdio: ['ignore', 'inherit', 'pipe', 'ipc', 'pipe'],
    });
    this.#process.unref();
    this.#process.channel?.unref();
    for (const stream of [this.#process.stderr, this.#process.stdio[4]]) unref(stream);
    this.#process.stdio[4]?.on('error', () => undefined); // breaks when the child ends, which is noticed below
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => this.#onStderr(text));
    this.#process.on('message', (message: ToHost) => {
      if (
        message.type === 'opened' ||
        message.type === 'closed' ||
        (message.type === 'failure' && message.id === 0)
      )
        this.#awaited?.resolve(message);
      else listener.onMessage(message);
    });
    this.#ended = this.#watchEnd();
    void this.#ended.then((error) => listener.onEnd(error));
  }

  get pid(): number | null {
    return this.#process.pid ?? null;
  }

  /** Makes and opens the backend. The child must be killed when it fails. */
  async open(deadline: number, again: boolean): Promise<OpenedMessage> {
    const answer = this.#await();
    this.send(this.#launch.openMessage(deadline, again));
    const message = await this.#within(answer, deadline);
    if (message === null) {
      throw new StorageError(
        'STORAGE_TIMEOUT',
        `The ${this.#launch.backend} backend did not open before the deadline.`,
        { backend: this.#launch.backend, outcome: 'not-applied' },
      );
    }
    if (message.type === 'failure') throw receiveError(message.error);
    return message as OpenedMessage;
  }

  /** @throws TypeError when an argument cannot be sent, such as a function. */
  send(message: ToChild): void {
    if (!this.#process.connected) return; // it is ending: onEnd tells what was under way
    try {
      this.#process.send(message, (error) => void error); // a broken channel is noticed as the end of the child
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      throw new TypeError(`An argument cannot be sent to another process: ${error.message}`, {
        cause: error,
      });
    }
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }

  /** Closes the backend and ends the child, by force when it does not answer in time. */
  async close(deadline: number): Promise<void> {
    const answer = this.#await();
    this.send({ type: 'close' });
    let message: ToHost | null;
    try {
      message = await this.#within(answer, deadline);
    } catch {
      return; // it ended by itself: nothing is left to close
    }
    await this.end();
    if (message?.type === 'closed' && message.error !== null) throw receiveError(message.error);
  }

  /** Kills it and waits until it is gone. */
  async end(): Promise<void> {
    this.#process.ref(); // this process stays alive for it
    this.kill();
    await this.#ended;
  }

  #await(): Promise<ToHost> {
    const answer = new Promise<ToHost>((resolve, reject) => {
      this.#awaited = { resolve };
      void this.#ended.then(reject);
    });
    answer.catch(() => undefined); // whoever waits for it is told; nobody does when sending failed
    return answer;
  }

  /** The answer, or null at the deadline. */
  async #within(answer: Promise<ToHost>, deadline: number): Promise<ToHost | null> {
    let alarm = { cancel: (): void => undefined };
    const late = new Promise<null>((resolve) => {
      alarm = alarmAt(deadline, true, () => resolve(null));
    });
    try {
      return await Promise.race([answer, late]);
    } finally {
      alarm.cancel();
    }
  }

  #watchEnd(): Promise<StorageError> {
    return new Promise((resolve) => {
      const end = (how: string, facts: Record<string, string | number | null>) =>
        resolve(this.#crash(how, facts));
      const child = this.#process;
      child.once('error', (error) => {
        if (child.pid === undefined) end(`could not be started: ${error.message}`, {});
      });
      child.once('exit', (exitCode, signal) => {
        const how = signal === null ? `ended with exit code ${exitCode}` : `was ended by ${signal}`;
        const finish = () => end(how, { exitCode, signal });
        // Answers may still be on their way when the process has gone. Something that it started may hold its pipes.
        child.once('close', finish);
        alarmAt(Date.now() + LAST_WORDS_MS, false, finish);
      });
    });
  }

  #crash(how: string, details: Record<string, string | number | null>): StorageError {
    const { backend, redact } = this.#launch;
    const printed = redact(this.#stderrTail).trim();
    return new StorageError('STORAGE_CRASHED', `The child process of the ${backend} backend ${how}.`, {
      backend,
      details,
      cause: printed === '' ? undefined : new Error(`It printed last: ${printed}`),
    });
  }

  #onStderr(text: string): void {
    this.#stderrTail = (this.#stderrTail + text).slice(-TAIL);
    this.#launch.settings.onStderr(this.#launch.redact(text));
  }
}

function isTokenVariable(name: string): boolean {
  return tokenVariables.some((variable) => variable === name);
}

function unref(stream: unknown): void {
  (stream as { unref?: () => void } | null)?.unref?.();
}
