/** Options of every call of a port. */
export interface CallOptions {
  /** Aborting it rejects the call with `STORAGE_ABORTED`. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Time in milliseconds since the epoch after which the call is rejected with `STORAGE_TIMEOUT`. An absolute time
   * rather than a duration, so that it can be passed on unchanged. See {@link deadlineIn}.
   */
  readonly deadline?: number | undefined;
}

/**
 * Returns the deadline a number of milliseconds from now.
 *
 * @example
 * ```ts
 * const libraries = await store.libraries({ deadline: deadlineIn(5_000) });
 * ```
 */
export function deadlineIn(milliseconds: number): number {
  return Date.now() + milliseconds;
}
