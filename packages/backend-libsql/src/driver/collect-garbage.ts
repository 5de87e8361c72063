import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Collects all garbage, so that a small machine can read or write a large store. */
export function collectGarbage(): void {
  collector()?.();
}

/** Collects recent garbage; takes about a millisecond. */
export function collectYoungGarbage(): void {
  collector()?.({ type: 'minor' });
}

type Collector = (options?: { readonly type: 'minor' }) => void;

let known: Collector | null | undefined;

/** The garbage collector of the engine; null where it is not given away. */
function collector(): Collector | null {
  if (known === undefined) {
    setFlagsFromString('--expose-gc');
    const found: unknown = runInNewContext('typeof gc === "function" ? gc : undefined');
    known = typeof found === 'function' ? (found as Collector) : null;
  }
  return known;
}

/**
 * Releases the objects that an error and its causes hold: until its stack is read for the first time, V8 keeps the
 * objects whose methods stand in it, such as a connection.
 */
export function forgetFrames(error: unknown): void {
  for (let link = error; link instanceof Error; link = link.cause) String(link.stack);
}
