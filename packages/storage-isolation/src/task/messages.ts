import type { SentError } from '../protocol/errors.js';
import type { SentReference } from '../protocol/messages.js';

/** Messages to the process of a task. */
export type ToTask =
  | {
      readonly type: 'run';
      readonly reference: SentReference;
      readonly input: unknown;
      readonly deadline: number | undefined;
    }
  /** The last progress was dealt with: the task goes on. */
  | { readonly type: 'continue' }
  | { readonly type: 'abort' };

/** Messages from it. */
export type FromTask =
  | { readonly type: 'progress'; readonly value: unknown }
  | { readonly type: 'done'; readonly value: unknown }
  | { readonly type: 'failure'; readonly error: SentError };
