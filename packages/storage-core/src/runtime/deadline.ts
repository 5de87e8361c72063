import { StorageError } from '../errors/storage-error.js';
import type { CallOptions } from '../ports/call-options.js';
import { nextTurn } from './event-loop.js';
import { onAbort } from './on-abort.js';

/** Maximum delay of a timer; later deadlines are not enforced. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/**
 * Rejects a call that is already aborted or past its deadline. Backends on synchronous drivers call it before each
 * piece of work that cannot be interrupted.
 *
 * @throws StorageError `STORAGE_ABORTED` or `STORAGE_TIMEOUT`.
 */
export function checkCall(options: CallOptions | undefined, backend: string): void {
  if (options?.signal?.aborted === true) throw aborted(options.signal, backend);
  if (options?.deadline !== undefined && Date.now() > options.deadline) {
    throw new StorageError('STORAGE_TIMEOUT', 'The deadline of the call had passed before the work began.', {
      backend,
      outcome: 'not-applied',
    });
  }
}

/**
 * Waits for work that may ignore the signal or the deadline of the call, such as an embedder. If either ends the wait,
 * the result of the work is ignored.
 *
 * @param name Name of the awaited work, for the error.
 * @throws StorageError `STORAGE_ABORTED` or `STORAGE_TIMEOUT`.
 */
export async function withinCall<T>(
  options: CallOptions | undefined,
  name: string,
  work: PromiseLike<T> | T,
): Promise<T> {
  const { signal, deadline } = options ?? {};
  if (signal === undefined && deadline === undefined) return work;
  let reject: (error: StorageError) => void = () => undefined;
  const ended = new Promise<never>((_, rejectEnded) => {
    reject = rejectEnded;
  });
  // A result that arrives in the same turn as the abort still counts.
  const abort = () => void nextTurn().then(() => reject(aborted(signal as AbortSignal, name)));
  const onTimeout = () =>
    reject(
      new StorageError('STORAGE_TIMEOUT', `The deadline of the call passed while it waited for ${name}.`, {
        backend: name,
        outcome: 'not-applied',
      }),
    );
  const timer =
    deadline === undefined
      ? undefined
      : setTimeout(onTimeout, Math.min(Math.max(0, deadline - Date.now()), TIMER_MAX_MS));
  const stopListening = onAbort(signal, abort);
  try {
    if (signal?.aborted === true) abort();
    return await Promise.race([work, ended]);
  } finally {
    clearTimeout(timer);
    stopListening();
  }
}

function aborted({ reason }: AbortSignal, backend: string): StorageError {
  return new StorageError('STORAGE_ABORTED', 'The call was aborted by its caller.', {
    backend,
    outcome: 'not-applied',
    cause: reason,
  });
}
