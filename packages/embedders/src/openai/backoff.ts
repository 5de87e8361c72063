/**
 * The pause before the next attempt, in ms: exponential, with "full jitter" (a random part of the whole, so that
 * clients that failed together do not come back together), but never shorter than what the server asked for.
 *
 * @param attempt The attempts made so far, from 1.
 * @returns undefined when the server asks for a longer pause than `maxMs`.
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

/** What a server asks for with `retry-after-ms` or `Retry-After` (seconds or a date), in ms. */
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
