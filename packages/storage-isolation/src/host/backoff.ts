/**
 * Returns the delay before a retry, in milliseconds: capped exponential backoff with jitter in its upper half, so that
 * clients that failed together do not retry together.
 *
 * @param attempt Number of the retry, starting at 1.
 */
export function backoff(
  attempt: number,
  { backoffBaseMs, backoffMaxMs }: { readonly backoffBaseMs: number; readonly backoffMaxMs: number },
): number {
  const full = Math.min(backoffMaxMs, backoffBaseMs * 2 ** (attempt - 1));
  return full / 2 + (Math.random() * full) / 2;
}
