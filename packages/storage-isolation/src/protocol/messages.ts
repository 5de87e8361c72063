import type { Capabilities, CreateOptions, MigrateOptions } from '@switchyard/storage-core';
import type { SentConnection } from './connection.js';
import type { SentError } from './errors.js';
import type { MethodName } from './methods.js';

/**
 * What crosses the border, over a `Channel`: typed arrays cross as bytes, bigints and undefined as they are.
 */
export type ToChild = OpenMessage | CallMessage | CancelMessage | CloseMessage | TokenMessage;

/** See {@link ToChild}. */
export type ToHost =
  | OpenedMessage
  | ResultMessage
  | FailureMessage
  | ProgressMessage
  | ClosedMessage
  | WantTokenMessage;

/** Where the child finds the definition of its backend. */
export interface SentReference {
  readonly module: string;
  readonly exportName: string;
}

/** The first message: makes the backend and opens it. Answered by `opened` or by `failure` with id 0. */
export interface OpenMessage {
  readonly type: 'open';
  readonly reference: SentReference;
  readonly connection: SentConnection;
  readonly createOptions: Omit<CreateOptions, 'authToken'>;
  /** Whether the child asks for its token with `want-token`. */
  readonly asksForToken: boolean;
  readonly deadline: number;
}

/** What is sent of the call options; signal and callbacks cannot cross and become messages. */
export type SentOptions = Pick<MigrateOptions, 'deadline' | 'dryRun'>;

/** A call of a port. Answered by `result` or `failure` with the same id. */
export interface CallMessage {
  readonly type: 'call';
  readonly id: number;
  readonly method: MethodName;
  readonly args: readonly unknown[];
  readonly options: SentOptions;
  /** Whether the caller wants `progress` messages. */
  readonly progress: boolean;
}

/** The caller no longer waits for the call: its signal is raised in the child. */
export interface CancelMessage {
  readonly type: 'cancel';
  readonly id: number;
}

/** Closes the backend and ends the child. Answered by `closed`. */
export interface CloseMessage {
  readonly type: 'close';
}

/** The backend is open. What it says of itself must be what the host knows of it. */
export interface OpenedMessage {
  readonly type: 'opened';
  readonly name: string;
  readonly capabilities: Capabilities;
  /** Whether there is a store in the file; true for what is no file. */
  readonly holdsStore: boolean;
}

export interface ResultMessage {
  readonly type: 'result';
  readonly id: number;
  readonly value: unknown;
}

/** A call, or with id 0 the opening, has failed. */
export interface FailureMessage {
  readonly type: 'failure';
  readonly id: number;
  readonly error: SentError;
}

export interface ProgressMessage {
  readonly type: 'progress';
  readonly id: number;
  readonly progress: Parameters<NonNullable<MigrateOptions['onProgress']>>[0];
}

/** The backend is closed; the error, if closing failed. */
export interface ClosedMessage {
  readonly type: 'closed';
  readonly error: SentError | null;
}

/** The backend in the child needs a token, or another one. Answered by `token`. */
export interface WantTokenMessage {
  readonly type: 'want-token';
}

/** The token that the host's function gave, or why it gave none. */
export type TokenMessage =
  | { readonly type: 'token'; readonly token: string }
  | { readonly type: 'token'; readonly error: SentError };
