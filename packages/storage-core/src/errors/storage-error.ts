import { errorCodes, type StorageErrorCode } from './codes.js';

/**
 * What is known of a failed write: `not-applied` means nothing of it was kept; `unknown` means that it may have
 * happened, as when a server stopped answering after it had received it, or that some of the writes of a call that makes
 * several were kept.
 */
export type WriteOutcome = 'not-applied' | 'unknown';

/** What {@link StorageError} is made of. */
export interface StorageErrorOptions {
  /** Name of the backend in which it happened, such as `libsql`. */
  readonly backend?: string | undefined;
  /** Overrides what the code says by default. */
  readonly retryable?: boolean | undefined;
  /** Set on writes only. */
  readonly outcome?: WriteOutcome | undefined;
  /** What to do about this very error, in one sentence. Default: what `errorCodes` says of its code. */
  readonly advice?: string | undefined;
  /** The error underneath. Must not carry a secret. */
  readonly cause?: unknown;
  /** Facts a program may want, such as both dimensions of a mismatch. Must not carry a secret. */
  readonly details?: Readonly<Record<string, string | number | boolean | null>> | undefined;
}

/** The shape of a {@link StorageError} as plain data, for crossing a process border. */
export interface SerialisedStorageError {
  readonly name: 'StorageError';
  readonly code: StorageErrorCode;
  readonly message: string;
  readonly backend: string | undefined;
  readonly retryable: boolean;
  readonly outcome: WriteOutcome | undefined;
  readonly advice?: string | undefined;
  readonly details: StorageErrorOptions['details'];
  readonly cause: string | undefined;
}

/**
 * The one error class of Switchyard. Its `code` is stable; its message says what happened, `advice` what to do, and
 * neither holds a secret. A mistake in the calling program (a negative limit, a string where a vector belongs) is a
 * `TypeError` instead.
 */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly code: StorageErrorCode;
  readonly backend: string | undefined;
  readonly retryable: boolean;
  readonly outcome: WriteOutcome | undefined;
  /** What to do about it, in one sentence. */
  readonly advice: string;
  readonly details: StorageErrorOptions['details'];

  constructor(code: StorageErrorCode, message: string, options: StorageErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.backend = options.backend;
    this.retryable = options.retryable ?? errorCodes[code].retryable;
    this.outcome = options.outcome;
    this.advice = options.advice ?? errorCodes[code].action;
    this.details = options.details;
  }

  /** The same error with some facts added, for a layer that knows more than the one below it. */
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

  toJSON(): SerialisedStorageError {
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

  static fromJSON(data: SerialisedStorageError): StorageError {
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

/** Whether a value is a {@link StorageError}, also one from a second copy of this package in the same process. */
export function isStorageError(value: unknown, code?: StorageErrorCode): value is StorageError {
  return (
    value instanceof Error &&
    value.name === 'StorageError' &&
    'code' in value &&
    (code === undefined || value.code === code)
  );
}
