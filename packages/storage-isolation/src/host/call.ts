import { type MigrateOptions, StorageError } from '@switchyard/storage-core';
import { onAbort } from '@switchyard/storage-core/backend';
import type { CallMessage, ProgressMessage } from '../protocol/messages.js';
import { type MethodInfo, type MethodName, methodInfo } from '../protocol/methods.js';
import { type Alarm, alarmAt } from './timer.js';

/** Input of a {@link Call}. */
export interface CallRequest {
  readonly backend: string;
  readonly method: MethodName;
  readonly args: readonly unknown[];
  readonly options: MigrateOptions | undefined;
  /** Timeout used when the options set no deadline. */
  readonly defaultTimeoutMs: number;
}

/**
 * A port call: queued, running in a child, or settled. The caller gets exactly one answer, no later than the deadline;
 * the child may still be working at that point.
 */
export class Call {
  static #lastId = 0;
  readonly id = ++Call.#lastId;
  readonly method: MethodName;
  readonly info: MethodInfo;
  readonly repeatable: boolean;
  readonly deadline: number;
  readonly answer: Promise<unknown>;
  /** Number of times the call was sent to a child. */
  attempts = 0;
  /** Number of attempts during which the child died. */
  crashes = 0;
  readonly #request: CallRequest;
  readonly #alarm: Alarm;
  readonly #stopListening: () => void;
  #settled = false;
  #running = false;
  /** True if an earlier attempt may or may not have been applied. */
  #uncertain = false;
  #lastFailure: StorageError | null = null;
  #resolve!: (value: unknown) => void;
  #reject!: (error: unknown) => void;

  /** @param onAbandoned Called after a deadline or an abort. */
  constructor(request: CallRequest, onAbandoned: (call: Call) => void) {
    const { method, args, options, defaultTimeoutMs } = request;
    this.#request = request;
    this.method = method;
    this.info = methodInfo(method);
    this.repeatable = this.info.repeatable(args, options);
    this.deadline = options?.deadline ?? Date.now() + defaultTimeoutMs;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    const giveUp = (error: () => StorageError) => {
      if (this.#settled) return;
      this.fail(error());
      onAbandoned(this);
    };
    // The alarm keeps this process alive during a call; the child does not.
    this.#alarm = alarmAt(this.deadline, true, () => giveUp(() => this.#late()));
    this.#stopListening = onAbort(options?.signal, () => giveUp(() => this.#aborted()));
  }

  get settled(): boolean {
    return this.#settled;
  }

  /** Outcome to report if the call failed now; undefined for reads, which change nothing. */
  get outcome(): 'unknown' | 'not-applied' | undefined {
    if (this.info.access === 'read' || this.#request.options?.dryRun === true) return undefined;
    return this.#running || this.#uncertain ? 'unknown' : 'not-applied';
  }

  /** Starts an attempt and returns the message to send. From now on the call may have been applied. */
  begin(): CallMessage {
    this.attempts++;
    this.#running = true;
    const { method, args, options } = this.#request;
    const { dryRun, epochs, operationId } = options ?? {};
    return {
      type: 'call',
      id: this.id,
      method,
      args,
      // Picked by name: callers may pass a larger object that holds values that cannot be cloned.
      options: { deadline: this.deadline, dryRun, epochs, operationId },
      progress: options?.onProgress !== undefined,
    };
  }

  /**
   * Records the end of an attempt.
   *
   * @param certain True if nothing was applied for certain.
   */
  attemptFailed(certain: boolean): void {
    this.#running = false;
    if (!certain) this.#uncertain = true;
  }

  /** Records why the last attempt failed: the error to report if the deadline passes before the next attempt. */
  noteFailure(error: StorageError): void {
    this.#lastFailure = error;
  }

  succeed(value: unknown): void {
    this.#settle(() => this.#resolve(value));
  }

  fail(error: unknown): void {
    this.#settle(() => this.#reject(error));
  }

  /** Forwards a progress report. A callback that throws fails its call, as it would in-process. */
  progress({ progress }: ProgressMessage): { readonly thrown: unknown } | null {
    if (this.#settled) return null;
    try {
      this.#request.options?.onProgress?.(progress);
      return null;
    } catch (thrown) {
      return { thrown };
    }
  }

  #settle(answer: () => void): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#alarm.cancel();
    this.#stopListening();
    answer();
  }

  #late(): StorageError {
    const { backend, method } = this.#request;
    if (!this.#running && this.#lastFailure !== null)
      return this.#lastFailure.with({ outcome: this.outcome });
    const where = this.#running ? 'did not answer' : 'could not start';
    return new StorageError(
      'STORAGE_TIMEOUT',
      `The ${backend} backend ${where} ${method} before its deadline.`,
      {
        backend,
        outcome: this.outcome,
      },
    );
  }

  #aborted(): StorageError {
    const { backend, options } = this.#request;
    return new StorageError('STORAGE_ABORTED', 'The call was aborted by its caller.', {
      backend,
      outcome: this.outcome,
      cause: options?.signal?.reason,
    });
  }
}
