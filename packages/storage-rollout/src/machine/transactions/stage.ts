import type { ChangeStage } from '../calls.js';
import { stageAfter } from '../control.js';
import type { StoreRecords } from '../records.js';
import { isClean, withLibrary } from '../records.js';
import { rankOf } from '../stages.js';
import { answered, type Outcome, refused } from './outcome.js';

/**
 * Changes the stage, if nobody else has changed it. A promotion is checked in the same transaction: nothing dirty on this
 * side, and for every library that this side holds, a completeness marker of its present epoch.
 */
export function changeStage(records: StoreRecords, { expected, command, filled }: ChangeStage): Outcome {
  if (records.control.revision !== expected) return refused(records, 'conflict');
  const next = stageAfter(records.control, command);
  if (next === null) return refused(records, 'not-permitted');
  const libraries = Object.values(records.libraries);
  if (next.stage === 'off' && libraries.some(({ authority }) => authority.holder !== records.side)) {
    return refused(records, 'not-permitted');
  }
  if (command.kind === 'promote') {
    const held = Object.entries(records.libraries).filter(
      ([, { authority }]) => authority.holder === records.side,
    );
    if (!Object.values(records.libraries).every(isClean)) return refused(records, 'dirty');
    const isFilled = held.every(([name, { authority }]) => filled[name] === authority.epoch);
    if (rankOf(next.stage) > rankOf('dualwrite') && !isFilled) return refused(records, 'not-filled');
  }
  const changed = { ...records, control: next };
  return answered(next.stage === 'off' ? withoutMarkers(changed) : changed);
}

/** Begins a new term of every library held here, to which no completeness marker belongs: nothing is logged in `off`. */
function withoutMarkers(records: StoreRecords): StoreRecords {
  let raised = records;
  for (const [name, { authority }] of Object.entries(records.libraries)) {
    const next = { epoch: authority.epoch + 1, holder: authority.holder };
    if (authority.holder === records.side) raised = withLibrary(raised, name, { authority: next });
  }
  return raised;
}
