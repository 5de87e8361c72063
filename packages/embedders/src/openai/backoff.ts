/**
 * Returns the delay before the next attempt in milliseconds: exponential backoff with full jitter, so that clients that
 * failed together do not retry together, but never less than the server requested.
 *
 * @param attempt Number of attempts made so far, starting at 1.
 * @returns undefined if the server requested more than `maxMs`.
 */
export function pauseBefore(
  attempt: number,
  { baseMs, maxMs, askedMs }: { baseMs: number; maxMs: number; askedMs: number | undefined },
  random: () => number = Math.random,
): number | undefined {
  if (askedMs !== undefined && askedMs > maxMs) return undefined;
  const ceiling = Math.min(maxMs, baseMs * 2 ** (attempt - 1));
  return Math.max(askedMs ?? 0, random() * ceiling);
}

/** Returns the delay requested with `retry-after-ms` or `Retry-After` (seconds or a date), in milliseconds. */
export function retryAfter(headers: Headers, now: number = Date.now()): number | undefined {
  const milliseconds = headers.get('retry-after-ms');
  if (milliseconds !== null && Number.isFinite(Number(milliseconds)))
    return Math.max(0, Number(milliseconds));
  const value = headers.get('retry-after')?.trim();
  if (value === undefined || value === '') return undefined;
  if (/^\d+(?:\.\d+)?$/.test(value)) return Number(value) * 1000;
  const moment = Date.parse(value);
  return Number.isNaN(moment) ? undefined : Math.max(0, moment - now);
}
