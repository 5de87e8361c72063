import type { SentError } from '../protocol/errors.js';
import type { SentReference } from '../protocol/messages.js';

/** Messages from the host to a task process. */
export type ToTask =
  | {
      readonly type: 'run';
      readonly reference: SentReference;
      readonly input: unknown;
      readonly deadline: number | undefined;
      /** Process id of the host; see `TaskContext.requireHost`. */
      readonly hostPid: number;
    }
  /** The last progress report was handled; the task may continue. */
  | { readonly type: 'continue' }
  | { readonly type: 'abort' };

/** Messages from a task process to the host. */
export type FromTask =
  | { readonly type: 'progress'; readonly value: unknown }
  | { readonly type: 'done'; readonly value: unknown }
  | { readonly type: 'failure'; readonly error: SentError };
