import type { CallOptions } from '../ports/call-options.js';
import type { ChangeLog, LogKey, LogPosition, TakenChange } from '../ports/change-log.js';
import type { ChangeLogRecords } from './log-records.js';
import { isAfter } from './positions.js';
import { carryBack, putIfNewer, relog } from './put.js';
import { carryStage, changeStage, isClean } from './stage.js';
import { changeOf } from './states.js';
import { admit, announce, closeGaps, connect, fence, markFilled, raise } from './terms.js';

/** Kind of a transaction: `durable` ones are on the disk before they are answered, with everything before them. */
export type LogTransaction = 'read' | 'write' | 'durable';

/** Runs work in one transaction of an enrolled store. */
export type LogRunner = <T>(
  kind: LogTransaction,
  options: CallOptions | undefined,
  work: (records: ChangeLogRecords) => T,
) => Promise<T>;

/** Calls that work on the schema of a store rather than on its records. */
export type LogSchema = Pick<ChangeLog, 'install' | 'remove' | 'triggers'>;

/** Returns the port of a change log for a backend that implements its records. */
export function changeLogOver(schema: LogSchema, run: LogRunner): ChangeLog {
  return {
    install: (request, options) => schema.install(request, options),
    remove: (options) => schema.remove(options),
    triggers: (options) => schema.triggers(options),
    libraries: (options) => run('read', options, (records) => records.libraries()),
    connect: (boot, options) => run('durable', options, (records) => connect(records, boot)),
    readAuthority: (library, options) =>
      run('read', options, (records) => {
        const { authority, filled } = records.library(library);
        return { authority, filled };
      }),
    takeChange: (library, seen, options) =>
      run('read', options, (records) => takeChange(records, library, seen)),
    putIfNewer: (request, options) => run('write', options, (records) => putIfNewer(records, request)),
    sync: (boot, options) =>
      run('durable', options, (records) =>
        records.store().boot === boot ? { done: true } : { refused: 'rebooted' },
      ),
    clear: (library, state, options) =>
      run('write', options, (records) => {
        records.clear(library, state);
        records.expireOperations?.();
        return { done: true };
      }),
    announce: (library, authority, gaps, options) =>
      run('durable', options, (records) => announce(records, library, authority, gaps)),
    carryBack: (library, change, epoch, options) =>
      run('write', options, (records) => carryBack(records, library, change, epoch)),
    relog: (library, key, epoch, options) =>
      run('write', options, (records) => relog(records, library, key, epoch)),
    closeGaps: (library, epoch, options) =>
      run('durable', options, (records) => closeGaps(records, library, epoch)),
    fence: (library, expected, authority, filled, options) =>
      run('durable', options, (records) => fence(records, library, expected, authority, filled)),
    admit: (library, epoch, options) => run('durable', options, (records) => admit(records, library, epoch)),
    takePosition: (library, options) => run('read', options, (records) => takePosition(records, library)),
    readPage: (library, key, since, options) =>
      run('read', options, (records) => readPage(records, library, key, since)),
    markFilled: (library, epoch, boot, options) =>
      run('durable', options, (records) => markFilled(records, library, epoch, boot)),
    readControl: (options) =>
      run('read', options, (records) => {
        const { side, revision, stage, latched } = records.store();
        const libraries = records.libraries().map((name) => [name, records.library(name)] as const);
        return {
          row: { revision, stage, latched },
          filled: Object.fromEntries(libraries.map(([name, { filled }]) => [name, filled])),
          away: libraries.filter(([, { authority }]) => authority.holder !== side).map(([name]) => name),
        };
      }),
    changeStage: (request, options) => run('durable', options, (records) => changeStage(records, request)),
    carryStage: (row, options) => run('durable', options, (records) => carryStage(records, row)),
    readLast: (library, options) =>
      run('read', options, (records) => (isClean(records, library) ? records.library(library).last : null)),
    putNote: (note, options) =>
      run('durable', options, (records) => {
        records.putNote(note);
        return { done: true };
      }),
    notes: (kind, options) => run('read', options, (records) => records.notes(kind)),
    raise: (library, expected, seen, options) =>
      run('durable', options, (records) => raise(records, library, expected, seen)),
  };
}

function takeChange(records: ChangeLogRecords, library: string, seen: LogPosition | null): TakenChange {
  const { side, sequence } = records.store();
  const { authority, gaps } = records.library(library);
  const { epoch, holder } = authority;
  const isShorter = seen !== null && seen.epoch === epoch && seen.sequence > sequence;
  if (isShorter && holder === side) return { behind: epoch };
  if (gaps.length > 0) return { gaps, authority };
  const oldest = records.oldestDirty(library);
  if (oldest === null) return { clean: authority };
  return { change: changeOf(records, library, oldest.key), epoch };
}

function takePosition(
  records: ChangeLogRecords,
  library: string,
): Awaited<ReturnType<ChangeLog['takePosition']>> {
  const { side, sequence, logs } = records.store();
  const { authority, gaps } = records.library(library);
  if (authority.holder !== side) return { refused: 'not-holder' };
  // What the authority lost is still on the other side, and a later position would overwrite it there.
  if (gaps.length > 0) return { refused: 'gap-open' };
  if (!logs) return { refused: 'not-permitted' };
  return { position: { epoch: authority.epoch, sequence } };
}

function readPage(
  records: ChangeLogRecords,
  library: string,
  key: LogKey,
  since: LogPosition,
): Awaited<ReturnType<ChangeLog['readPage']>> {
  if (records.library(library).authority.epoch !== since.epoch) return { refused: 'stale-epoch' };
  const entry = records.entry(library, key);
  if (entry !== null && isAfter(entry.position, since)) return { changed: true };
  const change = { ...changeOf(records, library, key), position: since };
  return { change: entry === null ? { ...change, operations: [] } : change };
}
