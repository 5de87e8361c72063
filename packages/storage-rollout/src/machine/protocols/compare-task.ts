import type { Answer } from '../calls.js';
import type { Position } from '../position.js';
import { isSamePosition } from '../position.js';
import type { Side } from '../sides.js';
import { otherSide, sides } from '../sides.js';
import type { Step } from './task.js';

/**
 * Comparison of a search on both sides. The positions are read before and after; it counts only when all of them are the
 * same, because then neither side changed and both had the same content.
 */
export interface CompareTask {
  readonly kind: 'compare';
  readonly library: string;
  readonly authority: Side;
  readonly state: CompareState;
}

/** Progress of a comparison. */
export type CompareState =
  | { readonly at: 'before'; readonly positions: readonly (Position | null)[] }
  | { readonly at: 'search'; readonly position: Position; readonly found: readonly (readonly string[])[] }
  | {
      readonly at: 'after';
      readonly position: Position;
      readonly found: readonly (readonly string[])[];
      readonly checked: number;
    }
  | { readonly at: 'counted'; readonly equal: boolean; readonly position: Position }
  | { readonly at: 'undecided' };

/** Next call of a comparison; null when it is over. */
export function nextOfCompare({ library, authority, state }: CompareTask): Step | null {
  const order: readonly Side[] = [authority, otherSide(authority)];
  const readLast = { kind: 'readLast', library } as const;
  switch (state.at) {
    case 'before':
      return { side: order[state.positions.length] ?? authority, call: readLast };
    case 'search':
      return { side: order[state.found.length] ?? authority, call: { kind: 'search', library } };
    case 'after':
      return { side: order[state.checked] ?? authority, call: readLast };
    default:
      return null;
  }
}

/** State of a comparison after an answer. */
export function compareAfter({ state }: CompareTask, answer: Answer): CompareState {
  if (state.at === 'before' && answer.kind === 'last') {
    const positions = [...state.positions, answer.position];
    if (positions.length < sides.length) return { at: 'before', positions };
    const [first, second] = positions;
    return isSame(first, second) ? { at: 'search', position: first, found: [] } : { at: 'undecided' };
  }
  if (state.at === 'search' && answer.kind === 'found') {
    const found = [...state.found, answer.writes];
    const { position } = state;
    return found.length < sides.length
      ? { at: 'search', position, found }
      : { at: 'after', position, found, checked: 0 };
  }
  if (state.at === 'after' && answer.kind === 'last') {
    if (!isSame(state.position, answer.position)) return { at: 'undecided' };
    if (state.checked + 1 < sides.length) return { ...state, checked: state.checked + 1 };
    const [a, b] = state.found.map((writes) => writes.join());
    return { at: 'counted', equal: a === b, position: state.position };
  }
  return { at: 'undecided' };
}

function isSame<A extends Position>(a: A | null | undefined, b: Position | null | undefined): a is A {
  return a !== null && a !== undefined && b !== null && b !== undefined && isSamePosition(a, b);
}
