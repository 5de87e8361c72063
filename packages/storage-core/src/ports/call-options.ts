/** Options of every call of a port. */
export interface CallOptions {
  /** Aborting it rejects the call with `STORAGE_ABORTED`. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Time in milliseconds since the epoch after which the call is rejected with `STORAGE_TIMEOUT`. An absolute time
   * rather than a duration, so that it can be passed on unchanged. See {@link deadlineIn}.
   */
  readonly deadline?: number | undefined;
  /**
   * Of a write during a rollout: epoch of each library that it may change, by name in lower case. The store refuses the
   * write with `STORAGE_EPOCH_CHANGED` in its own transaction if one of them is in another epoch or is held by the other
   * side, and with `STORAGE_MUTATION_SPANS` if it changes another library. Capability `changeLog`; a store that is not
   * enrolled in a rollout refuses the write with `STORAGE_NOT_FOUND`.
   */
  readonly epochs?: Readonly<Record<string, number>> | undefined;
  /**
   * Id of a write during a rollout, the same when it is repeated: its results are stored with it, and a repeated call
   * returns them and writes nothing. Capability `changeLog`; a store that is not enrolled in a rollout refuses the write
   * with `STORAGE_NOT_FOUND`.
   */
  readonly operationId?: string | undefined;
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
