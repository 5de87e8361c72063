import type {
  LogChange,
  LogDone,
  LoggedOperation,
  LogKey,
  LogState,
  PutAnswer,
  PutRequest,
} from '../ports/change-log.js';
import type { ChangeLogRecords } from './log-records.js';
import { isAfter, isSamePosition, laterOf } from './positions.js';
import { hasParents } from './states.js';

/** See `ChangeLog.putIfNewer`. */
export function putIfNewer(
  records: ChangeLogRecords,
  { library, change, epoch, source }: PutRequest,
): PutAnswer {
  const { side, boot } = records.store();
  const { authority, last } = records.library(library);
  if (authority.holder === side) return { refused: 'not-secondary' };
  if (epoch < authority.epoch) return { refused: 'stale-epoch' };

  const states = [...change.parents, change];
  const differs = states.some((state) => isUsedTwice(records, library, state));
  let applied = false;
  records.silently(() => {
    for (const state of states) applied = putState(records, library, state);
  });
  addOperations(records, library, change.operations);
  const seen = source === 'drain' ? laterOf(last, change.position) : last;
  records.setLibrary(library, differs ? { last: seen, filled: null } : { last: seen });
  return { applied, differs, seen, boot };
}

/** Returns true if this side holds another state at the position of a state. */
function isUsedTwice(
  records: ChangeLogRecords,
  library: string,
  { key, position, stamp, row }: LogState,
): boolean {
  const held = records.entry(library, key);
  if (held === null || !isSamePosition(held.position, position)) return false;
  // Without a stamp the row was never logged, and there is only its existence to tell.
  return held.stamp !== stamp || (stamp === 0 && (records.read(library, key) === null) !== (row === null));
}

/** Puts one state, unless a newer one is here. A row of an earlier incarnation of its version is newer than nothing. */
function putState(
  records: ChangeLogRecords,
  library: string,
  { key, position, stamp, row }: LogState,
): boolean {
  const held = records.entry(library, key);
  const isNewer = held === null || isAfter(position, held.position);
  if (!isNewer && !isUsedTwice(records, library, { key, position, stamp, row })) return false;
  if (row !== null && !hasParents(records, library, key, row)) return false;
  records.write(library, key, row);
  records.setEntry(library, { key, position, stamp, dirty: false });
  return true;
}

/** See `ChangeLog.carryBack`. */
export function carryBack(
  records: ChangeLogRecords,
  library: string,
  change: LogChange,
  epoch: number,
): LogDone {
  const { authority } = records.library(library);
  if (authority.holder !== records.store().side) return { refused: 'not-holder' };
  if (authority.epoch !== epoch) return { refused: 'stale-epoch' };
  addOperations(records, library, change.operations);
  if (isWrittenSince(records, library, change)) return { done: true };
  records.logged(() => {
    for (const parent of change.parents) {
      const isMissing = records.read(library, parent.key) === null;
      if (isMissing && !isWrittenSince(records, library, parent))
        records.write(library, parent.key, parent.row);
    }
    const { row, key } = change;
    if (row !== null && !hasParents(records, library, key, row)) return;
    records.write(library, key, row);
    // The other side holds the state at a position that is not to count any more.
    records.touch(library, key);
  });
  return { done: true };
}

/** See `ChangeLog.relog`. */
export function relog(records: ChangeLogRecords, library: string, key: LogKey, epoch: number): LogDone {
  const { authority, gaps } = records.library(library);
  const { side, logs } = records.store();
  if (authority.holder !== side) return { refused: 'not-holder' };
  if (authority.epoch !== epoch) return { refused: 'stale-epoch' };
  // A later position than that of a lost write would let nobody carry it back.
  if (gaps.length > 0) return { refused: 'gap-open' };
  if (!logs) return { refused: 'not-permitted' };
  records.logged(() => records.touch(library, key));
  return { done: true };
}

/** Returns true if a key was written in a later term than that of a lost state. */
function isWrittenSince(records: ChangeLogRecords, library: string, { key, position }: LogState): boolean {
  const entry = records.entry(library, key);
  return entry !== null && entry.position.epoch > position.epoch;
}

function addOperations(
  records: ChangeLogRecords,
  library: string,
  operations: readonly LoggedOperation[],
): void {
  for (const operation of operations) records.addOperation(library, operation);
}
