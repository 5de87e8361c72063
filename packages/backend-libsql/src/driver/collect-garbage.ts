import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Gives back what texts and vectors took that were read, so that a small machine can convert a large store. */
export function collectGarbage(): void {
  collector()?.();
}

/** The same, in a millisecond, for what was read just now. */
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
 * Makes an error and its causes let go of what they were thrown in: until its stack is read for the first time, V8 keeps
 * the objects whose methods stand in it, such as a connection.
 */
export function forgetFrames(error: unknown): void {
  for (let link = error; link instanceof Error; link = link.cause) String(link.stack);
}
