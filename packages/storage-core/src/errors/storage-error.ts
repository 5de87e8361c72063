import { errorCodes, type StorageErrorCode } from './codes.js';

/**
 * Outcome of a failed write. `not-applied`: nothing was written. `unknown`: it may have been applied, for example if
 * the server stopped responding after it had received it, or part of a call with several writes was.
 */
export type WriteOutcome = 'not-applied' | 'unknown';

/** Optional parts of a {@link StorageError}. */
export interface StorageErrorOptions {
  /** Name of the backend that failed, such as `libsql`. */
  readonly backend?: string | undefined;
  /** Overrides the default of the code. */
  readonly retryable?: boolean | undefined;
  /** Outcome of the write; set on writes only. */
  readonly outcome?: WriteOutcome | undefined;
  /** Recommended action for this error, in one sentence. Default: the action of its code in `errorCodes`. */
  readonly advice?: string | undefined;
  /** Underlying error. Must not contain a secret. */
  readonly cause?: unknown;
  /** Facts for programs, such as both dimensions of a mismatch. Must not contain a secret. */
  readonly details?: Readonly<Record<string, string | number | boolean | null>> | undefined;
}

/** A {@link StorageError} as plain data, for crossing a process boundary. */
export interface SerializedStorageError {
  /** Always `StorageError`. */
  readonly name: 'StorageError';
  /** See {@link StorageError.code}. */
  readonly code: StorageErrorCode;
  /** Message of the error. */
  readonly message: string;
  /** See {@link StorageError.backend}. */
  readonly backend: string | undefined;
  /** See {@link StorageError.retryable}. */
  readonly retryable: boolean;
  /** See {@link StorageError.outcome}. */
  readonly outcome: WriteOutcome | undefined;
  /** See {@link StorageError.advice}. */
  readonly advice?: string | undefined;
  /** See {@link StorageError.details}. */
  readonly details: StorageErrorOptions['details'];
  /** Message of the cause; undefined without one. */
  readonly cause: string | undefined;
}

/**
 * The only error class of Switchyard. Its `code` is stable; its message says what happened, `advice` what to do, and
 * neither contains a secret. A mistake in the calling program (a negative limit, a string instead of a vector) is a
 * `TypeError` instead.
 *
 * @example
 * ```ts
 * throw new StorageError('STORAGE_BUSY', 'Another process is writing.', { outcome: 'not-applied' });
 * ```
 */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  /** Stable code, one of the keys of `errorCodes`. */
  readonly code: StorageErrorCode;
  /** Name of the backend, such as `libsql`; undefined if none was involved. */
  readonly backend: string | undefined;
  /** True if repeating the same call later may succeed. */
  readonly retryable: boolean;
  /** Outcome of a failed write; undefined for a failed read. */
  readonly outcome: WriteOutcome | undefined;
  /** Recommended action, in one sentence. */
  readonly advice: string;
  /** Facts for programs, such as both dimensions of a mismatch. Contains no secret. */
  readonly details: StorageErrorOptions['details'];

  /** Creates an error; `retryable` and `advice` default to those of its code. */
  constructor(code: StorageErrorCode, message: string, options: StorageErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.backend = options.backend;
    this.retryable = options.retryable ?? errorCodes[code].retryable;
    this.outcome = options.outcome;
    this.advice = options.advice ?? errorCodes[code].action;
    this.details = options.details;
  }

  /** Returns a copy with added or replaced facts, for a layer that knows more than the one below it. */
  with(options: StorageErrorOptions): StorageError {
    return new StorageError(this.code, this.message, {
      backend: options.backend ?? this.backend,
      retryable: options.retryable ?? this.retryable,
      outcome: options.outcome ?? this.outcome,
      advice: options.advice ?? this.advice,
      details: options.details ?? this.details,
      cause: options.cause ?? this.cause,
    });
  }

  /** Returns the error as plain data, without its stack. */
  toJSON(): SerializedStorageError {
    return {
      name: this.name,
      code: this.code,
      message: this.message,
      backend: this.backend,
      retryable: this.retryable,
      outcome: this.outcome,
      advice: this.advice,
      details: this.details,
      cause: this.cause instanceof Error ? this.cause.message : undefined,
    };
  }

  /** Restores an error from {@link toJSON}. Its cause becomes an `Error` with the same message. */
  static fromJSON(data: SerializedStorageError): StorageError {
    return new StorageError(data.code, data.message, {
      backend: data.backend,
      retryable: data.retryable,
      outcome: data.outcome,
      advice: data.advice,
      details: data.details,
      cause: data.cause === undefined ? undefined : new Error(data.cause),
    });
  }
}

/**
 * Returns true for a {@link StorageError}, including one from another copy of this package in the same process.
 *
 * @param code Accepts errors with this code only.
 *
 * @example
 * ```ts
 * try {
 *   await store.deletePages('fastify', '5.0');
 * } catch (error) {
 *   if (!isStorageError(error, 'STORAGE_BUSY')) throw error;
 *   console.log(error.advice);
 * }
 * ```
 */
export function isStorageError(value: unknown, code?: StorageErrorCode): value is StorageError {
  return (
    value instanceof Error &&
    value.name === 'StorageError' &&
    'code' in value &&
    (code === undefined || value.code === code)
  );
}
