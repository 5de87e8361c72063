import type { LogChange, LogKey, LogPosition, LogRow, LogState } from '../ports/change-log.js';
import type { ChangeLogRecords, LogEntry } from './log-records.js';
import { ORIGIN } from './positions.js';

/** Returns the present state of a key with the rows that it depends on. */
export function changeOf(records: ChangeLogRecords, library: string, key: LogKey): LogChange {
  const state = stateOf(records, library, key);
  const parents =
    state.row === null ? [] : parentKeys(key).map((parent) => stateOf(records, library, parent));
  return { ...state, parents, operations: records.operationsOf(library, key) };
}

function stateOf(records: ChangeLogRecords, library: string, key: LogKey): LogState {
  const entry: Pick<LogEntry, 'position' | 'stamp'> = records.entry(library, key) ?? {
    position: ORIGIN,
    stamp: 0,
  };
  return { key, position: entry.position, stamp: entry.stamp, row: records.read(library, key) };
}

/** Keys of the rows that a row refers to, outermost first. */
function parentKeys(key: LogKey): readonly LogKey[] {
  switch (key.kind) {
    case 'library':
      return [];
    case 'version':
      return [{ kind: 'library' }];
    case 'page':
      return [{ kind: 'library' }, { kind: 'version', version: key.version }];
  }
}

/**
 * Returns true if the rows that a row refers to are here, under the ids that it knows. They have other ids when they were
 * deleted and created again later than this state.
 */
export function hasParents(records: ChangeLogRecords, library: string, key: LogKey, row: LogRow): boolean {
  switch (row.kind) {
    case 'library':
      return true;
    case 'version': {
      const parent = records.read(library, { kind: 'library' });
      return parent?.kind === 'library' && parent.library.id === row.version.libraryId;
    }
    case 'page': {
      const version = key.kind === 'page' ? key.version : '';
      const parent = records.read(library, { kind: 'version', version });
      return parent?.kind === 'version' && parent.version.id === row.page.page.versionId;
    }
  }
}

/** Returns true if a position is beyond the end of a term that a power cut shortened. */
export function isLost(position: LogPosition, gap: LogPosition): boolean {
  return position.epoch === gap.epoch && position.sequence > gap.sequence;
}
