/**
 * The pause before the n-th new attempt, in milliseconds: capped exponential, of which the upper half is random, so
 * that clients that failed together do not come back together.
 *
 * @param attempt From 1.
 */
export function backoff(
  attempt: number,
  { backoffBaseMs, backoffMaxMs }: { readonly backoffBaseMs: number; readonly backoffMaxMs: number },
): number {
  const full = Math.min(backoffMaxMs, backoffBaseMs * 2 ** (attempt - 1));
  return full / 2 + (Math.random() * full) / 2;
}
