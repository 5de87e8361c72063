/**
 * Place of a change in the history of a library. Epochs order the terms of authorities; within one, the sequence of the
 * authority's change log orders its writes.
 */
export interface Position {
  /** Epoch of the authority that made the change. */
  readonly epoch: number;
  /** Number of the change in the log of that authority. */
  readonly sequence: number;
}

/** Position before every change: of what a store held when it was enrolled. */
export const ORIGIN: Position = { epoch: 0, sequence: 0 };

/** Returns true when `a` comes after `b`. */
export function isAfter(a: Position, b: Position): boolean {
  return a.epoch !== b.epoch ? a.epoch > b.epoch : a.sequence > b.sequence;
}

/** Returns true when both are the same position. */
export function samePosition(a: Position, b: Position): boolean {
  return a.epoch === b.epoch && a.sequence === b.sequence;
}

/** Returns the later of two positions. */
export function laterOf(a: Position, b: Position): Position {
  return isAfter(a, b) ? a : b;
}
