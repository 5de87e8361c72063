import type { Stage } from './stages.js';
import { lowerStage } from './stages.js';

/** Highest stage that a flag permits, as one process knows it. */
export type Ceiling =
  | { readonly kind: 'known'; readonly stage: Stage }
  /** The flag could not be evaluated, or has no stage as its value. `last` is what it said before, if anything. */
  | { readonly kind: 'unknown'; readonly reason: string; readonly last: Stage | null };

/**
 * Returns the stage that a process reads with: the persisted one, unless the flag permits less. An unknown flag moves no
 * traffic: what it last said goes on to hold, and without that the persisted stage. It never means `off`.
 *
 * @example
 * ```ts
 * console.log(readStage('live', { kind: 'known', stage: 'shadow' })); // 'shadow'
 * console.log(readStage('live', { kind: 'unknown', reason: 'timeout', last: null })); // 'live'
 * ```
 */
export function readStage(persisted: Stage, ceiling: Ceiling): Stage {
  const permitted = ceiling.kind === 'known' ? ceiling.stage : ceiling.last;
  return permitted === null ? persisted : lowerStage(persisted, permitted);
}
