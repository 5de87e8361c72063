import { StorageError } from '@switchyard/storage-core';
import type { ChildEnd, Spawned } from '../launcher/spawn.js';
import { Channel } from '../protocol/channel.js';
import { receiveError } from '../protocol/errors.js';
import type {
  ClosedMessage,
  OpenedMessage,
  ToChild,
  ToHost,
  WantTokenMessage,
} from '../protocol/messages.js';
import type { Launch } from './launch.js';
import { type Link, offerForReuse, takeForReuse } from './reuse.js';
import { alarmAt } from './timer.js';

/** Number of characters of standard error kept for the crash report. */
const MAX_TAIL_LENGTH = 2_000;
/** Milliseconds to wait for answers still in the pipe after a child has ended. */
const CHANNEL_DRAIN_MS = 500;

/** Receives the events of a {@link Child}. */
export interface ChildListener {
  /** Called with an answer to a call. */
  onMessage(message: Exclude<ToHost, OpenedMessage | ClosedMessage | WantTokenMessage>): void;
  /** Called last, when the child has ended by itself or was killed. */
  onEnd(error: StorageError): void;
}

/** One child process, from start to end. Never keeps this process alive. */
export class Child {
  readonly #spawned: Spawned;
  readonly #launch: Launch;
  readonly #link: Link;
  readonly #ended: Promise<StorageError>;
  readonly #channel: Promise<Channel<ToChild, ToHost> | null>;
  #open: Channel<ToChild, ToHost> | null = null;
  #stderrTail = '';
  #awaited: { resolve(message: ToHost): void } | null = null;

  constructor(launch: Launch, listener: ChildListener) {
    this.#launch = launch;
    let pipeClosed: () => void = () => undefined;
    const silent = new Promise<void>((resolve) => {
      pipeClosed = resolve;
    });
    const { reuseKey } = launch;
    const reused = reuseKey === null ? null : takeForReuse(reuseKey);
    this.#link = reused?.link ?? { onMessage: ignore, onClose: ignore, onStderr: ignore };
    this.#link.onMessage = (message) => this.#onMessage(message, listener);
    this.#link.onStderr = (text) => this.#onStderr(text);
    this.#link.onClose = () => {
      pipeClosed();
      this.kill(); // it is no longer reachable
    };
    this.#spawned = reused?.spawned ?? launch.spawn((text) => this.#link.onStderr(text));
    this.#channel = reused === null ? this.#connect(pipeClosed) : Promise.resolve(reused.channel);
    this.#ended = this.#spawned.ended.then(async (end) => {
      // Answers may still be in the pipe after the process has ended, and a process it started may hold the pipe open.
      await Promise.race([silent, pause(CHANNEL_DRAIN_MS)]);
      return this.#crash(end);
    });
    void this.#ended.then((error) => listener.onEnd(error));
  }

  get pid(): number | null {
    return this.#spawned.pid;
  }

  /** Creates and opens the backend. The caller must kill the child if this fails. */
  async open(deadline: number): Promise<OpenedMessage> {
    const answer = this.#await();
    const opening = this.#channel.then((channel) => {
      this.#open = channel;
      this.send(this.#launch.openMessage(deadline));
      return answer;
    });
    const message = await within(opening, deadline);
    if (message === null) {
      throw new StorageError(
        'STORAGE_TIMEOUT',
        `The ${this.#launch.backend} backend did not open before the deadline.`,
        // No outcome: opening may have created the schema. A waiting call reports its own outcome.
        { backend: this.#launch.backend },
      );
    }
    if (message.type === 'failure') throw receiveError(message.error);
    return message as OpenedMessage;
  }

  /**
   * Sends a message.
   *
   * @throws TypeError if an argument cannot be cloned, such as a function.
   */
  send(message: ToChild): void {
    try {
      this.#open?.send(message);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      throw new TypeError(`An argument cannot be sent to another process: ${error.message}`, {
        cause: error,
      });
    }
  }

  kill(): void {
    this.#spawned.kill();
  }

  /** Closes the backend and ends the child, killing it if it does not answer in time. */
  async close(deadline: number): Promise<void> {
    const answer = this.#await();
    this.send({ type: 'close' });
    let message: ToHost | null;
    try {
      message = await within(answer, deadline);
    } catch {
      return; // the child ended by itself: nothing is left to close
    }
    const isSound = message?.type === 'closed' && message.error === null;
    if (isSound && this.#offerForReuse()) return;
    await this.end();
    if (message?.type === 'closed' && message.error !== null) throw receiveError(message.error);
  }

  /** Offers the process to the next store. Returns false if it cannot be reused. */
  #offerForReuse(): boolean {
    const { reuseKey } = this.#launch;
    if (reuseKey === null || this.#open === null || this.#spawned.isLaunched) return false;
    return offerForReuse(reuseKey, { spawned: this.#spawned, channel: this.#open, link: this.#link });
  }

  #connect(pipeClosed: () => void): Promise<Channel<ToChild, ToHost> | null> {
    return this.#spawned.pipe.then((pipe) => {
      if (pipe === null) {
        pipeClosed();
        return null;
      }
      return new Channel<ToChild, ToHost>(
        pipe,
        (message) => this.#link.onMessage(message),
        () => this.#link.onClose(),
      );
    });
  }

  /** Kills the child and waits until it is gone. */
  async end(): Promise<void> {
    this.kill();
    // Keeps this process alive until then.
    const keepAlive = alarmAt(Number.POSITIVE_INFINITY, true, () => undefined);
    await this.#ended;
    keepAlive.cancel();
  }

  #onMessage(message: ToHost, listener: ChildListener): void {
    if (message.type === 'want-token') {
      void this.#launch.token().then((answer) => this.send(answer));
      return;
    }
    const isOwn =
      message.type === 'opened' ||
      message.type === 'closed' ||
      (message.type === 'failure' && message.id === 0);
    if (isOwn) this.#awaited?.resolve(message);
    else listener.onMessage(message);
  }

  #await(): Promise<ToHost> {
    const answer = new Promise<ToHost>((resolve, reject) => {
      this.#awaited = { resolve };
      void this.#ended.then(reject);
    });
    answer.catch(() => undefined); // nobody awaits the answer if sending failed
    return answer;
  }

  #crash({ exitCode, signal, failure }: ChildEnd): StorageError {
    const { backend, redact } = this.#launch;
    const printed = redact(this.#stderrTail).trim();
    let how = `ended with exit code ${exitCode}`;
    if (signal !== null) how = `was ended by ${signal}`;
    if (failure !== null) how = `could not be started: ${failure}`;
    return new StorageError('STORAGE_CRASHED', `The child process of the ${backend} backend ${how}.`, {
      backend,
      details: { exitCode, signal },
      cause: printed === '' ? undefined : new Error(`Last output on stderr: ${printed}`),
    });
  }

  #onStderr(text: string): void {
    this.#stderrTail = (this.#stderrTail + text).slice(-MAX_TAIL_LENGTH);
    this.#launch.settings.onStderr(this.#launch.redact(text));
  }
}

/** Resolves with the answer, or with null at the deadline. */
async function within(answer: Promise<ToHost>, deadline: number): Promise<ToHost | null> {
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

const ignore = (): void => undefined;

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}
