const listeners = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls a function when a signal aborts, but not for a signal that has already aborted. All functions of a signal share
 * one listener: one signal may belong to hundreds of calls in progress, and Node reports more than ten listeners as a
 * leak.
 *
 * @returns A function that stops listening. Idempotent.
 *
 * @example
 * ```ts
 * const controller = new AbortController();
 * const stop = onAbort(controller.signal, () => console.log('aborted'));
 * try {
 *   await store.libraries();
 * } finally {
 *   stop();
 * }
 * ```
 */
export function onAbort(signal: AbortSignal | undefined, call: () => void): () => void {
  if (signal === undefined || signal.aborted) return () => undefined;
  const own = () => call(); // the same function may be registered twice
  const calls = listeners.get(signal) ?? listen(signal);
  calls.add(own);
  return () => {
    calls.delete(own);
  };
}

/** Registers the shared listener, which stays for the life of the signal. */
function listen(signal: AbortSignal): Set<() => void> {
  const calls = new Set<() => void>();
  listeners.set(signal, calls);
  signal.addEventListener(
    'abort',
    () => {
      for (const call of [...calls]) call();
      calls.clear();
    },
    { once: true },
  );
  return calls;
}
