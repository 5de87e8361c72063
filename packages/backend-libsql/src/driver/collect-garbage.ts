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

/** Returns the garbage collector of V8; null if it is not available. */
function collector(): Collector | null {
  if (known === undefined) {
    setFlagsFromString('--expose-gc');
    const found: unknown = runInNewContext('typeof gc === "function" ? gc : undefined');
    known = typeof found === 'function' ? (found as Collector) : null;
  }
  return known;
}

/**
 * Releases the objects that the stacks of an error and its causes reference, such as a connection: V8 keeps them until a
 * stack is read for the first time.
 */
export function forgetFrames(error: unknown): void {
  for (let link = error; link instanceof Error; link = link.cause) String(link.stack);
}
