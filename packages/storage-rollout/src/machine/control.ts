import type { StageChange, StageRow } from '@switchyard/storage-core/backend';
import { nextStage, rankOf } from './stages.js';

/** Persisted stage of a rollout. Changed by compare-and-set on the revision. */
export type ControlRow = StageRow;

/** Change of the stage. */
export type StageCommand = StageChange;

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
