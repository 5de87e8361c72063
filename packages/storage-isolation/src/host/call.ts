import { type MigrateOptions, onAbort, StorageError } from '@switchyard/storage-core';
import type { CallMessage, ProgressMessage } from '../protocol/messages.js';
import { type MethodInfo, type MethodName, methodInfo } from '../protocol/methods.js';
import { type Alarm, alarmAt } from './timer.js';

/** What a {@link Call} is made of. */
export interface CallRequest {
  readonly backend: string;
  readonly method: MethodName;
  readonly args: readonly unknown[];
  readonly options: MigrateOptions | undefined;
  /** Holds when the options name no deadline. */
  readonly defaultTimeoutMs: number;
}

/**
 * One call of a port on its way: waiting for a child, under way in one, or settled. The caller is answered once, at
 * the latest at the deadline; the child may still be at work then.
 */
export class Call {
  static #lastId = 0;
  readonly id = ++Call.#lastId;
  readonly method: MethodName;
  readonly info: MethodInfo;
  readonly repeatable: boolean;
  readonly deadline: number;
  readonly answer: Promise<unknown>;
  /** How often it was given to a child. */
  attempts = 0;
  /** How many of its attempts ended with the death of the child. */
  crashes = 0;
  readonly #request: CallRequest;
  readonly #alarm: Alarm;
  readonly #stopListening: () => void;
  #settled = false;
  #underWay = false;
  /** An earlier attempt ended without anybody knowing whether it was done. */
  #uncertain = false;
  #lastFailure: StorageError | null = null;
  #resolve!: (value: unknown) => void;
  #reject!: (error: unknown) => void;

  /** @param onGivenUp The caller has been told that it need not wait: deadline or abort. */
  constructor(request: CallRequest, onGivenUp: (call: Call) => void) {
    const { method, args, options, defaultTimeoutMs } = request;
    this.#request = request;
    this.method = method;
    this.info = methodInfo(method);
    this.repeatable = this.info.repeatable(args);
    this.deadline = options?.deadline ?? Date.now() + defaultTimeoutMs;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    const giveUp = (error: () => StorageError) => {
      if (this.#settled) return;
      this.fail(error());
      onGivenUp(this);
    };
    // The alarm keeps the process alive while a call is under way; the child does not.
    this.#alarm = alarmAt(this.deadline, true, () => giveUp(() => this.#late()));
    this.#stopListening = onAbort(options?.signal, () => giveUp(() => this.#aborted()));
  }

  get settled(): boolean {
    return this.#settled;
  }

  /** What is known of it if it ended now; undefined for a read, which changes nothing. */
  get outcome(): 'unknown' | 'not-applied' | undefined {
    if (this.info.access === 'read' || this.#request.options?.dryRun === true) return undefined;
    return this.#underWay || this.#uncertain ? 'unknown' : 'not-applied';
  }

  /** The call as it is sent; from now on it may have been done. */
  begin(): CallMessage {
    this.attempts++;
    this.#underWay = true;
    const { method, args, options } = this.#request;
    return {
      type: 'call',
      id: this.id,
      method,
      args,
      // By name: what callers pass as options may be a larger object that holds anything.
      options: { deadline: this.deadline, dryRun: options?.dryRun },
      progress: options?.onProgress !== undefined,
    };
  }

  /** The attempt has ended. @param certain Whether it is known that nothing was done. */
  attemptFailed(certain: boolean): void {
    this.#underWay = false;
    if (!certain) this.#uncertain = true;
  }

  /** Why it has not been done yet: what its caller is told if the deadline comes before another attempt. */
  failedFor(error: StorageError): void {
    this.#lastFailure = error;
  }

  succeed(value: unknown): void {
    this.#settle(() => this.#resolve(value));
  }

  fail(error: unknown): void {
    this.#settle(() => this.#reject(error));
  }

  /** Hands on a step of progress. A callback that throws fails its call, as it would within the process. */
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
    if (!this.#underWay && this.#lastFailure !== null)
      return this.#lastFailure.with({ outcome: this.outcome });
    const where = this.#underWay ? 'did not answer' : 'could not begin';
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
