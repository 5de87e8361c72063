import type { StageChange, StageRow } from '@switchyard/storage-core/backend';
import type { Side } from './sides.js';
import { nextStage, rankOf, type Stage, stagePlans } from './stages.js';

/**
 * Persisted stage of a rollout. Both stores have a row; the one with the higher revision counts. Changed by compare-and-set
 * on the revision, on the side that decides in its stage ({@link deciderOf}), and then carried to the other one. So no two
 * rows of one revision differ: only the decider makes the next one, once it has the row that makes it the decider.
 */
export type ControlRow = StageRow;

/** Change of the stage. */
export type StageCommand = StageChange;

/** Returns the side that decides what follows a stage: the one that is needed anyway. */
export function deciderOf(stage: Stage): Side {
  return stagePlans[stage].authority;
}

/** Returns the row that counts. */
export function latestRow(a: ControlRow, b: ControlRow): ControlRow {
  return b.revision > a.revision ? b : a;
}

/** Returns true if both rows are the same. */
export function isSameRow(a: ControlRow, b: ControlRow): boolean {
  return a.revision === b.revision && a.stage === b.stage && a.latched === b.latched;
}

/**
 * Returns the row after a command, or null when the command is not possible from there: up by one stage at a time, down
 * by any number. A promotion clears the latch; an automatic demotion sets it.
 *
 * @example
 * ```ts
 * console.log(stageAfter({ revision: 4, stage: 'shadow', latched: true }, { kind: 'promote' }));
 * // { revision: 5, stage: 'live', latched: false }
 * ```
 */
export function stageAfter(row: ControlRow, command: StageCommand): ControlRow | null {
  const stage = command.kind === 'promote' ? nextStage(row.stage) : command.to;
  if (stage === null) return null;
  if (command.kind !== 'promote' && rankOf(stage) >= rankOf(row.stage)) return null;
  return { revision: row.revision + 1, stage, latched: command.kind === 'latch' };
}
