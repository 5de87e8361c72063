import { setImmediate } from 'node:timers';

/** Maximum time in milliseconds for which calls may block the event loop before the next one yields. */
const TURN_MS = 5;

/** Start of the first call in the current turn; null before it. */
let turnBegan: number | null = null;
let turnEnds: Promise<void> = Promise.resolve();

/**
 * Waits for the next turn of the event loop, so that timers, signals and sockets are served. Merely awaiting a promise
 * does not yield: its callbacks run before the loop continues.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/**
 * Yields to the event loop if the current turn has lasted for some milliseconds, counted from the first call of this
 * function in it. Waiting callers are served in order. `BackendBase` calls it before every call of a port, so that a
 * loop of calls on a synchronous driver does not block the event loop for longer than its longest call.
 */
export async function turnWhenDue(): Promise<void> {
  while (isTurnDue()) await turnEnds;
}

/** Returns true if {@link turnWhenDue} would wait. */
export function isTurnDue(): boolean {
  const now = performance.now();
  if (turnBegan !== null) return now - turnBegan >= TURN_MS;
  turnBegan = now;
  turnEnds = new Promise((resolve) => {
    setImmediate(() => {
      turnBegan = null;
      resolve();
    });
  });
  return false;
}
