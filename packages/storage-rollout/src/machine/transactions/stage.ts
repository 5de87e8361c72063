import type { CarryStage, ChangeStage } from '../calls.js';
import { deciderOf, isSameRow, stageAfter } from '../control.js';
import type { StoreRecords } from '../records.js';
import { isClean, withLibrary } from '../records.js';
import { rankOf } from '../stages.js';
import { answered, type Outcome, refused } from './outcome.js';

/** Reads the stage, and what this side knows of its libraries. */
export function readControl(records: StoreRecords): Outcome {
  const libraries = Object.entries(records.libraries).sort(([a], [b]) => (a < b ? -1 : 1));
  const away = libraries.filter(([, { authority }]) => authority.holder !== records.side);
  return answered(records, {
    kind: 'control',
    row: records.control,
    filled: Object.fromEntries(libraries.map(([name, { filled }]) => [name, filled])),
    away: away.map(([name]) => name),
  });
}

/**
 * Changes the stage, if this side decides and nobody else has changed it. A promotion is checked in the same transaction:
 * nothing dirty on this side, for every library that this side holds a completeness marker of its present epoch, and above
 * `live` no library at the other side. `off` is decided where the triggers are dropped.
 */
export function changeStage(records: StoreRecords, { expected, command, filled }: ChangeStage): Outcome {
  if (records.control.revision !== expected) return refused(records, 'conflict');
  if (deciderOf(records.control.stage) !== records.side) return refused(records, 'not-holder');
  const next = stageAfter(records.control, command);
  if (next === null) return refused(records, 'not-permitted');
  const libraries = Object.values(records.libraries);
  const isWhole = libraries.every(({ authority }) => authority.holder === records.side);
  if (next.stage === 'off' && !(isWhole && records.side === 'old')) return refused(records, 'not-permitted');
  if (command.kind === 'promote') {
    const held = Object.entries(records.libraries).filter(
      ([, { authority }]) => authority.holder === records.side,
    );
    if (!libraries.every(isClean)) return refused(records, 'dirty');
    if (rankOf(next.stage) > rankOf('live') && !isWhole) return refused(records, 'not-holder');
    const isFilled = held.every(([name, { authority }]) => filled[name] === authority.epoch);
    if (rankOf(next.stage) > rankOf('dualwrite') && !isFilled) return refused(records, 'not-filled');
  }
  const changed = { ...records, control: next };
  return answered(next.stage === 'off' ? withoutMarkers(changed) : changed);
}

/** Follows the stage as the other side decided it. */
export function carryStage(records: StoreRecords, { row }: CarryStage): Outcome {
  const { control } = records;
  if (row.revision < control.revision) return refused(records, 'stale-epoch');
  if (row.revision > control.revision) return answered({ ...records, control: row });
  return isSameRow(row, control) ? answered(records) : refused(records, 'conflict');
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
