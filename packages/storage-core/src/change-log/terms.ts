import type { LogAuthority, LogChange, LogDone, LogPosition, LogRefused } from '../ports/change-log.js';
import { rolloutStages } from '../ports/change-log.js';
import type { ChangeLogRecords, LogLibrary } from './log-records.js';
import { ID_GAP } from './rows.js';
import { changeOf, isLost } from './states.js';

const DONE: LogDone = { done: true };

/** See `ChangeLog.connect`. */
export function connect(records: ChangeLogRecords, boot: string): LogDone {
  const { side, boot: known, sequence } = records.store();
  if (known === boot) return DONE;
  records.setStore({ boot });
  records.skipIds(ID_GAP);
  for (const name of records.libraries()) {
    const library = records.library(name);
    if (library.authority.holder === side) records.setLibrary(name, openGap(library, sequence));
  }
  return DONE;
}

/** Begins a new term because the end of the present one may be lost. */
function openGap({ authority, gaps }: LogLibrary, sequence: number): Partial<LogLibrary> {
  const { epoch, holder } = authority;
  return { authority: { epoch: epoch + 1, holder }, gaps: [...gaps, { epoch, sequence }] };
}

/** Begins a new term of every library held here, to which no completeness marker belongs. */
export function beginTerms(records: ChangeLogRecords): void {
  const { side } = records.store();
  for (const name of records.libraries()) {
    const { authority } = records.library(name);
    const { epoch, holder } = authority;
    if (holder === side) records.setLibrary(name, { authority: { epoch: epoch + 1, holder } });
  }
}

/**
 * Makes no library count as complete on either side: those held here begin a new term, and the others lose their marker.
 * Called in the transaction of a change of all rows that is not logged, as a reset of the vectors.
 */
export function voidMarkers(records: ChangeLogRecords): void {
  beginTerms(records);
  const { side } = records.store();
  for (const name of records.libraries()) {
    if (records.library(name).authority.holder !== side) records.setLibrary(name, { filled: null });
  }
}

/** See `ChangeLog.raise`. */
export function raise(records: ChangeLogRecords, name: string, expected: number, seen: LogPosition): LogDone {
  const library = records.library(name);
  const { sequence } = records.store();
  if (library.authority.epoch !== expected) return { refused: 'conflict' };
  if (seen.epoch !== expected || seen.sequence <= sequence) return DONE;
  records.skipIds(ID_GAP);
  records.setLibrary(name, openGap(library, sequence));
  return DONE;
}

/** See `ChangeLog.announce`. */
export function announce(
  records: ChangeLogRecords,
  name: string,
  authority: LogAuthority,
  gaps: readonly LogPosition[],
): { readonly orphans: readonly LogChange[] } | LogRefused {
  const library = records.library(name);
  if (authority.epoch < library.authority.epoch) return { refused: 'stale-epoch' };
  const lost = gaps.flatMap((gap) =>
    records.entriesAfter(name, gap).filter(({ position }) => isLost(position, gap)),
  );
  const orphans = lost.map(({ key }) => changeOf(records, name, key));
  const isStillFilled = authority.holder === 'new' && library.filled === gaps[0]?.epoch;
  records.setLibrary(name, { authority, filled: isStillFilled ? authority.epoch : library.filled });
  return { orphans };
}

/** See `ChangeLog.closeGaps`. */
export function closeGaps(records: ChangeLogRecords, name: string, epoch: number): LogDone {
  if (records.library(name).authority.epoch !== epoch) return { refused: 'stale-epoch' };
  records.setLibrary(name, { gaps: [] });
  return DONE;
}

/** See `ChangeLog.fence`. */
export function fence(
  records: ChangeLogRecords,
  name: string,
  expected: number,
  authority: LogAuthority,
  filled: number | null,
): LogDone {
  const { side, stage } = records.store();
  const library = records.library(name);
  const isHolder = library.authority.holder === side;
  if (library.authority.epoch !== expected) return { refused: 'conflict' };
  if (library.gaps.length > 0) return { refused: 'gap-open' };
  if (isHolder && filled !== expected) return { refused: 'not-filled' };
  const isLive = rolloutStages.indexOf(stage) >= rolloutStages.indexOf('live');
  if (authority.holder === 'new' && !isLive) return { refused: 'not-permitted' };
  // This side has all that the other one will have, once it is drained.
  const isStillFilled = isHolder || library.filled === expected;
  records.setLibrary(name, { authority, filled: isStillFilled ? authority.epoch : null });
  return DONE;
}

/** See `ChangeLog.admit`. */
export function admit(records: ChangeLogRecords, name: string, epoch: number): LogDone {
  const { side } = records.store();
  const { authority } = records.library(name);
  if (authority.epoch === epoch && authority.holder === side) return DONE;
  if (authority.epoch >= epoch) return { refused: 'stale-epoch' };
  records.setLibrary(name, { authority: { epoch, holder: side } });
  return DONE;
}

/** See `ChangeLog.markFilled`. */
export function markFilled(
  records: ChangeLogRecords,
  name: string,
  epoch: number,
  boot: string | null,
): LogDone {
  if (boot !== null && boot !== records.store().boot) return { refused: 'rebooted' };
  if (records.library(name).authority.epoch > epoch) return { refused: 'stale-epoch' };
  records.setLibrary(name, { filled: epoch });
  return DONE;
}
