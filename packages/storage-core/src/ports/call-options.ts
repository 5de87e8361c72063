/** Options of every call of a port. */
export interface CallOptions {
  /** Aborting it rejects the call with `STORAGE_ABORTED`. */
  readonly signal?: AbortSignal | undefined;
  /**
   * The moment, in milliseconds since the epoch, after which the caller no longer waits: the call is rejected with
   * `STORAGE_TIMEOUT`. Being a moment and not a duration, it is handed down unchanged. See {@link deadlineIn}.
   */
  readonly deadline?: number | undefined;
}

/**
 * Returns the deadline that lies a number of milliseconds from now.
 *
 * @example
 * ```ts
 * const libraries = await store.libraries({ deadline: deadlineIn(5_000) });
 * ```
 */
export function deadlineIn(milliseconds: number): number {
  return Date.now() + milliseconds;
}
