import { isStorageError, StorageError } from '@switchyard/storage-core';
import { backoff } from '@switchyard/storage-core/backend';
import { receiveError } from '../protocol/errors.js';
import type { FailureMessage, OpenedMessage } from '../protocol/messages.js';
import type { Call } from './call.js';
import { Child, type ChildListener } from './child.js';
import type { Launch } from './launch.js';
import { type Alarm, alarmAt } from './timer.js';

/** The pool that a {@link Worker} belongs to, as the worker sees it. */
export interface WorkerOwner {
  /** Called when the worker can take calls again, or must be restarted for queued ones. */
  dispatch(): void;
  /** Puts a call back at the head of the queue. */
  requeue(call: Call): void;
  /** Called when the child ended and took the only copy of the data with it. */
  dataLost(error: StorageError): void;
  /** Verifies the name and capabilities reported by the child. @throws StorageError on a mismatch. */
  verify(opened: OpenedMessage): void;
}

type State = 'absent' | 'opening' | 'ready' | 'closed';

/** Runs calls in one child process at a time: starts it on demand, and kills and replaces it when it fails. */
export class Worker {
  readonly #launch: Launch;
  readonly #owner: WorkerOwner;
  readonly #running = new Map<number, { readonly call: Call; attemptAlarm: Alarm | null }>();
  #state: State = 'absent';
  #child: Child | null = null;
  /** Number of consecutive children that failed without answering a call. */
  #failures = 0;
  #notBefore = 0;
  #killReason: string | null = null;

  constructor(launch: Launch, owner: WorkerOwner) {
    this.#launch = launch;
    this.#owner = owner;
  }

  get state(): State {
    return this.#state;
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** Number of calls that are currently running. */
  get load(): number {
    return this.#running.size;
  }

  get failures(): number {
    return this.#failures;
  }

  /** Earliest time to start it or give it calls again, in milliseconds since the epoch. */
  get notBefore(): number {
    return this.#notBefore;
  }

  /** Returns whether it can run a call now. A call that crashed a child before runs alone, to isolate the culprit. */
  accepts(call: Call): boolean {
    if (this.#state !== 'ready' || Date.now() < this.#notBefore) return false;
    if (this.load >= this.#launch.settings.concurrency) return false;
    return (
      this.load === 0 ||
      (call.crashes === 0 && ![...this.#running.values()].some(({ call }) => call.crashes > 0))
    );
  }

  /** Starts a child and opens the backend in it. */
  async start(deadline: number): Promise<void> {
    this.#state = 'opening';
    this.#killReason = null;
    const listener: ChildListener = {
      onMessage: (message) => this.#onMessage(message),
      onEnd: (error) => this.#onEnd(child, error),
    };
    const child = new Child(this.#launch, listener);
    this.#child = child;
    try {
      const opened = await child.open(deadline);
      this.#owner.verify(opened);
      if (opened.holdsStore) this.#launch.known.holdsStore = true;
    } catch (error) {
      this.#failures++;
      this.#backOff(this.#failures);
      this.#discard(child);
      throw error;
    }
    if (this.#child === child) this.#state = 'ready';
  }

  /** Kills a child that is still opening. */
  stopOpening(): void {
    if (this.#state === 'opening') this.#kill(this.#child, 'no call was waiting for it to open');
  }

  run(call: Call): void {
    const child = this.#child;
    const message = call.begin();
    const entry = { call, attemptAlarm: this.#watchAttempt(call) };
    this.#running.set(call.id, entry);
    try {
      child?.send(message);
    } catch (error) {
      this.#forget(call.id);
      call.attemptFailed(true);
      call.fail(error);
    }
  }

  /**
   * Cancels a call after a deadline or an abort.
   *
   * @returns true if the call was running here.
   */
  abandon(call: Call): boolean {
    if (!this.#running.has(call.id)) return false;
    const child = this.#child;
    child?.send({ type: 'cancel', id: call.id });
    const { graceMs, volatile } = this.#launch.settings;
    // A child that holds the only copy of the data is never killed for being late.
    if (!volatile) {
      alarmAt(Date.now() + graceMs, false, () => {
        if (this.#running.has(call.id)) this.#kill(child, `it did not return from ${call.method}`);
      });
    }
    return true;
  }

  async close(deadline: number): Promise<void> {
    const child = this.#child;
    const wasReady = this.#state === 'ready' && this.load === 0;
    this.#state = 'closed';
    if (child === null) return;
    if (wasReady) return child.close(deadline);
    await child.end();
  }

  /** Schedules the kill of a silent child, if the call can be repeated and has attempts left. */
  #watchAttempt(call: Call): Alarm | null {
    const { attemptTimeoutMs, attempts, volatile } = this.#launch.settings;
    const canMove = call.repeatable && call.info.timeout === 'call' && call.attempts < attempts;
    if (volatile || !canMove || !Number.isFinite(attemptTimeoutMs)) return null;
    const child = this.#child;
    return alarmAt(Date.now() + attemptTimeoutMs, false, () =>
      this.#kill(child, `it was silent for ${attemptTimeoutMs} ms in ${call.method}`),
    );
  }

  #kill(child: Child | null, reason: string): void {
    if (child === null || child !== this.#child) return;
    this.#killReason = reason;
    child.kill();
  }

  #onMessage(message: Parameters<ChildListener['onMessage']>[0]): void {
    const call = this.#running.get(message.id)?.call;
    if (call === undefined) return;
    if (message.type === 'progress') {
      const failed = call.progress(message);
      if (failed === null) return;
      call.fail(failed.thrown);
      this.abandon(call);
      return;
    }
    this.#forget(message.id);
    this.#failures = 0;
    if (message.type === 'result') {
      if (call.info.access === 'write') this.#launch.known.holdsStore = true;
      call.succeed(message.value);
    } else this.#onFailure(call, message);
    this.#owner.dispatch();
  }

  #onFailure(call: Call, message: FailureMessage): void {
    const error = receiveError(message.error);
    const certain = !isStorageError(error) || error.outcome === 'not-applied';
    call.attemptFailed(certain);
    // Other errors would recur, or have already been waited for (busy).
    if (
      isStorageError(error, 'STORAGE_UNREACHABLE') &&
      this.#mayRepeat(call, error.outcome === 'not-applied')
    ) {
      this.#backOff(call.attempts);
      call.noteFailure(error);
      this.#repeat(call, error.message);
      return;
    }
    call.fail(
      isStorageError(error) && call.outcome === 'unknown' ? error.with({ outcome: 'unknown' }) : error,
    );
  }

  #onEnd(child: Child, error: StorageError): void {
    if (child !== this.#child) return;
    const { settings } = this.#launch;
    const reason = this.#killReason === null ? error.message : `It was killed: ${this.#killReason}.`;
    const wasReady = this.#state === 'ready';
    const calls = [...this.#running.values()].map(({ call }) => call);
    for (const { id } of calls) this.#forget(id);
    this.#child = null;
    if (this.#state === 'closed') return;
    this.#state = 'absent';
    settings.onIncident({
      kind: this.#killReason === null ? 'crashed' : 'killed',
      pid: child.pid,
      methods: calls.map(({ method }) => method),
      reason,
    });
    if (!wasReady) return; // start() reports it
    this.#failures++;
    this.#backOff(this.#failures);
    if (settings.volatile) this.#owner.dataLost(error);
    // In reverse, so that they end up at the head of the queue in their original order.
    for (const call of calls.reverse()) this.#interrupted(call, error, reason);
    this.#owner.dispatch();
  }

  #interrupted(call: Call, error: StorageError, reason: string): void {
    call.crashes++;
    call.attemptFailed(false);
    if (this.#mayRepeat(call, false)) {
      this.#repeat(call, reason);
      return;
    }
    const { attempts } = this.#launch.settings;
    const tried = call.attempts > 1 ? ` Attempts: ${call.attempts}.` : '';
    call.fail(
      new StorageError('STORAGE_CRASHED', `${error.message} It was running ${call.method}.${tried}`, {
        backend: error.backend,
        outcome: call.outcome,
        details: { ...error.details, attempts: call.attempts },
        retryable: call.crashes < attempts,
        cause: error.cause,
      }),
    );
  }

  #mayRepeat(call: Call, harmless: boolean): boolean {
    const { attempts, volatile } = this.#launch.settings;
    return (
      !call.settled &&
      !volatile &&
      (call.repeatable || (harmless && call.outcome !== 'unknown')) &&
      call.attempts < attempts &&
      Date.now() < call.deadline
    );
  }

  #repeat(call: Call, reason: string): void {
    this.#launch.settings.onIncident({ kind: 'retry', pid: this.pid, methods: [call.method], reason });
    this.#owner.requeue(call);
  }

  #backOff(attempt: number): void {
    const { backoffBaseMs: baseMs, backoffMaxMs: maxMs } = this.#launch.settings;
    this.#notBefore = Date.now() + backoff(attempt, { baseMs, maxMs });
  }

  #discard(child: Child): void {
    if (this.#child === child) this.#child = null;
    if (this.#state === 'opening') this.#state = 'absent';
    child.kill();
  }

  #forget(id: number): void {
    this.#running.get(id)?.attemptAlarm?.cancel();
    this.#running.delete(id);
  }
}
