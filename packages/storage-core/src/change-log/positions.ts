import type { LogPosition } from '../ports/change-log.js';

/** Position before every change: of what a store held when it was enrolled. */
export const ORIGIN: LogPosition = { epoch: 0, sequence: 0 };

/** Returns true if `a` comes after `b`. */
export function isAfter(a: LogPosition, b: LogPosition): boolean {
  return a.epoch !== b.epoch ? a.epoch > b.epoch : a.sequence > b.sequence;
}

/** Returns true if both are the same position. */
export function isSamePosition(a: LogPosition, b: LogPosition): boolean {
  return a.epoch === b.epoch && a.sequence === b.sequence;
}

/** Returns the later of two positions. */
export function laterOf(a: LogPosition, b: LogPosition): LogPosition {
  return isAfter(a, b) ? a : b;
}
