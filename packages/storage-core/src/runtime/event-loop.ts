import { setImmediate } from 'node:timers';

/** Milliseconds that calls may hold the event loop before the next one waits for a turn of it. */
const TURN_MS = 5;

/** When the first call of the current turn began; null before it. */
let turnBegan: number | null = null;
let turnEnds: Promise<void> = Promise.resolve();

/**
 * Waits for a turn of the event loop, so that timers, signals and sockets are served. A promise that is merely awaited
 * does not give one: its callbacks run before the loop goes on.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/**
 * Waits for a turn of the event loop when the current one has lasted for some milliseconds, counted from the first call
 * of this function in it. Callers that wait are served in order. `BackendBase` calls it before every call of a port, so
 * that a loop of calls on a synchronous driver does not hold the event loop for longer than its longest call.
 */
export async function turnWhenDue(): Promise<void> {
  while (isTurnDue()) await turnEnds;
}

/** Returns true when {@link turnWhenDue} would wait. */
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
