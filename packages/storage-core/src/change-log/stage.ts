import {
  type LogDone,
  type RolloutSide,
  type RolloutStage,
  rolloutStages,
  type StageChangeRequest,
  type StageRow,
} from '../ports/change-log.js';
import type { ChangeLogRecords } from './log-records.js';
import { beginTerms } from './terms.js';

/** See `ChangeLog.changeStage`. */
export function changeStage(
  records: ChangeLogRecords,
  { expected, command, filled, note }: StageChangeRequest,
): LogDone {
  const store = records.store();
  if (store.revision !== expected) return { refused: 'conflict' };
  if (deciderOf(store.stage) !== store.side) return { refused: 'not-holder' };
  const next = stageAfter(store, command);
  if (next === null) return { refused: 'not-permitted' };
  const names = records.libraries();
  const authorities = new Map(names.map((name) => [name, records.library(name).authority]));
  const held = [...authorities].filter(([, { holder }]) => holder === store.side);
  const isWhole = held.length === names.length;
  if (next.stage === 'off' && !(isWhole && store.side === 'old')) return { refused: 'not-permitted' };
  if (command.kind === 'promote') {
    if (!names.every((name) => isClean(records, name))) return { refused: 'dirty' };
    if (rankOf(next.stage) > rankOf('live') && !isWhole) return { refused: 'not-holder' };
    const isFilled = held.every(([name, { epoch }]) => filled[name] === epoch);
    if (rankOf(next.stage) > rankOf('dualwrite') && !isFilled) return { refused: 'not-filled' };
  }
  const logs = next.stage !== 'off';
  records.setStore({ ...next, logs });
  if (note !== undefined) records.putNote(note);
  if (!logs) beginTerms(records);
  else if (!store.logs) records.enrollLibraries();
  return { done: true };
}

/** See `ChangeLog.carryStage`. */
export function carryStage(records: ChangeLogRecords, { revision, stage, latched }: StageRow): LogDone {
  const store = records.store();
  if (revision < store.revision) return { refused: 'stale-epoch' };
  if (revision === store.revision) {
    return stage === store.stage && latched === store.latched ? { done: true } : { refused: 'conflict' };
  }
  // Nothing was logged in `off`, which the old side leaves by a decision of its own.
  records.setStore({ revision, stage, latched });
  return { done: true };
}

/** Side that decides what follows a stage. */
function deciderOf(stage: RolloutStage): RolloutSide {
  return rankOf(stage) < rankOf('live') ? 'old' : 'new';
}

/** Returns true if the other side holds all that this one logged. */
export function isClean(records: ChangeLogRecords, library: string): boolean {
  return records.library(library).gaps.length === 0 && records.oldestDirty(library) === null;
}

function stageAfter(row: StageRow, command: StageChangeRequest['command']): StageRow | null {
  const stage = command.kind === 'promote' ? rolloutStages[rankOf(row.stage) + 1] : command.to;
  if (stage === undefined) return null;
  if (command.kind !== 'promote' && rankOf(stage) >= rankOf(row.stage)) return null;
  return { revision: row.revision + 1, stage, latched: command.kind === 'latch' };
}

function rankOf(stage: RolloutStage): number {
  return rolloutStages.indexOf(stage);
}
