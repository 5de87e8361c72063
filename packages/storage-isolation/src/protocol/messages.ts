import type { Capabilities, CreateOptions, MigrateOptions } from '@switchyard/storage-core';
import type { SentConnection } from './connection.js';
import type { SentError } from './errors.js';
import type { MethodName } from './methods.js';

/**
 * Messages from the host to a child, sent over a `Channel`. Typed arrays are sent as bytes; bigints and undefined
 * survive.
 */
export type ToChild = OpenMessage | CallMessage | CancelMessage | CloseMessage | TokenMessage;

/** Messages from a child to the host; see {@link ToChild}. */
export type ToHost =
  | OpenedMessage
  | ResultMessage
  | FailureMessage
  | ProgressMessage
  | ClosedMessage
  | WantTokenMessage;

/** A resolved `DefinitionReference`. */
export interface SentReference {
  readonly module: string;
  readonly exportName: string;
}

/** Creates and opens the backend. Answered by `opened`, or by `failure` with id 0. */
export interface OpenMessage {
  readonly type: 'open';
  readonly reference: SentReference;
  readonly connection: SentConnection;
  readonly createOptions: Omit<CreateOptions, 'authToken'>;
  /** If true, the child requests its token with `want-token`. */
  readonly asksForToken: boolean;
  readonly deadline: number;
}

/** The call options that are sent. Signals and callbacks cannot be serialized and become messages of their own. */
export type SentOptions = Pick<MigrateOptions, 'deadline' | 'dryRun' | 'epochs' | 'operationId'>;

/** Calls a port method. Answered by `result` or `failure` with the same id. */
export interface CallMessage {
  readonly type: 'call';
  readonly id: number;
  readonly method: MethodName;
  readonly args: readonly unknown[];
  readonly options: SentOptions;
  /** If true, the child sends `progress` messages. */
  readonly progress: boolean;
}

/** Aborts a call whose caller no longer waits: the child raises the call's signal. */
export interface CancelMessage {
  readonly type: 'cancel';
  readonly id: number;
}

/** Closes the backend. Answered by `closed`. */
export interface CloseMessage {
  readonly type: 'close';
}

/** Reports that the backend is open. Its name and capabilities must match what the host knows. */
export interface OpenedMessage {
  readonly type: 'opened';
  readonly name: string;
  readonly capabilities: Capabilities;
  /** True if the file holds a store; always true for anything that is not a file. */
  readonly holdsStore: boolean;
}

/** Reports that a call succeeded. */
export interface ResultMessage {
  readonly type: 'result';
  readonly id: number;
  readonly value: unknown;
}

/** Reports that a call failed, or with id 0 that opening failed. */
export interface FailureMessage {
  readonly type: 'failure';
  readonly id: number;
  readonly error: SentError;
}

/** Reports the progress of a call that asked for it. */
export interface ProgressMessage {
  readonly type: 'progress';
  readonly id: number;
  readonly progress: Parameters<NonNullable<MigrateOptions['onProgress']>>[0];
}

/** Reports that the backend is closed, with the error if closing failed. */
export interface ClosedMessage {
  readonly type: 'closed';
  readonly error: SentError | null;
}

/** Requests an auth token, or a new one. Answered by `token`. */
export interface WantTokenMessage {
  readonly type: 'want-token';
}

/** The token returned by the host's function, or the error it threw. */
export type TokenMessage =
  | { readonly type: 'token'; readonly token: string }
  | { readonly type: 'token'; readonly error: SentError };
