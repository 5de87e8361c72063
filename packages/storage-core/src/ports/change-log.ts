import type { JsonValue } from '../values/json.js';
import type { MutationResult } from '../values/mutations.js';
import type { LibraryRecord, PageSnapshot, VersionRecord } from '../values/records.js';
import type { CallOptions } from './call-options.js';

/** One of the two stores of a rollout. */
export type RolloutSide = 'old' | 'new';

/** Place of a change in the history of a library: the later epoch comes later, then the later sequence. */
export interface LogPosition {
  /** Epoch of the authority that made the change. */
  readonly epoch: number;
  /** Number of the change in the log of that authority. */
  readonly sequence: number;
}

/** Authority over a library, as one store knows it. The epoch increases with every change. */
export interface LogAuthority {
  /** Number of the authority's term. */
  readonly epoch: number;
  /** Side that may write. */
  readonly holder: RolloutSide;
}

/** Natural key of a row within its library. Names are in lower case. */
export type LogKey =
  | { readonly kind: 'library' }
  | { readonly kind: 'version'; readonly version: string }
  | { readonly kind: 'page'; readonly version: string; readonly url: string };

/** Row of a key, with every column: a page has its chunks and vectors. */
export type LogRow =
  | { readonly kind: 'library'; readonly library: LibraryRecord }
  | { readonly kind: 'version'; readonly version: VersionRecord }
  | { readonly kind: 'page'; readonly page: PageSnapshot };

/** State of a key at a position. */
export interface LogState {
  /** Key of the row. */
  readonly key: LogKey;
  /** Position of its last change. */
  readonly position: LogPosition;
  /** Random number of the change; tells two changes apart that were given the same position. */
  readonly stamp: number;
  /** Row of the key; null if it does not exist. */
  readonly row: LogRow | null;
}

/** Result of an operation, kept with its write, so that a repeated call is answered and not applied. */
export interface LoggedOperation {
  /** Id that the caller gave the operation. */
  readonly operation: string;
  /** Last key that it wrote; null if it had nothing to write. */
  readonly key: LogKey | null;
  /** Position of that write; null if it had nothing to write. */
  readonly position: LogPosition | null;
  /** Results of the call. */
  readonly results: readonly MutationResult[];
}

/** State of a key with the rows that it depends on. */
export interface LogChange extends LogState {
  /** Library and version of the row, each at its own position, in that order; empty for a row that does not exist. */
  readonly parents: readonly LogState[];
  /** Operations whose last write was of this key. */
  readonly operations: readonly LoggedOperation[];
}

/** Stages of a rollout, in order. */
export const rolloutStages = ['off', 'dualwrite', 'shadow', 'live', 'rampdown', 'complete'] as const;

/** One of {@link rolloutStages}. */
export type RolloutStage = (typeof rolloutStages)[number];

/** Stage of a rollout, as one of its stores knows it. */
export interface StageRow {
  /** Number of changes of the row. */
  readonly revision: number;
  /** Stage of the rollout. */
  readonly stage: RolloutStage;
  /** True after an automatic demotion. */
  readonly latched: boolean;
}

/** Answer of {@link ChangeLog.readControl}. */
export interface StageReading {
  /** Stage as this store knows it. Of two stores, the row with the higher revision counts. */
  readonly row: StageRow;
  /** Completeness markers of this side, by library. */
  readonly filled: Readonly<Record<string, number | null>>;
  /** Libraries that this side does not hold, as it knows them. */
  readonly away: readonly string[];
}

/** Reason for which a store did not do what it was asked. */
export type LogRefusal =
  /** Another side may write the library. */
  | 'not-holder'
  /** This side may write the library, so nothing is put here. */
  | 'not-secondary'
  /** The store knows a later epoch. */
  | 'stale-epoch'
  /** The row was changed since it was read. */
  | 'conflict'
  /** Changes lost in a power cut have not been looked for yet. */
  | 'gap-open'
  /** A change is not known to be durable on the other side. */
  | 'dirty'
  /** The other side has no completeness marker of this epoch. */
  | 'not-filled'
  /** The machine of the store was restarted in between. */
  | 'rebooted'
  /** The stage does not permit it. */
  | 'not-permitted';

/** Refusal of a call, which changed nothing. */
export interface LogRefused {
  /** Reason of the refusal. */
  readonly refused: LogRefusal;
}

/** Answer of a call without a result. */
export type LogDone = { readonly done: true } | LogRefused;

/** Authority over a library and completeness of its content, as one store knows them. */
export interface LibraryLog {
  /** Authority over the library. */
  readonly authority: LogAuthority;
  /** Epoch up to which this side holds everything but what the other one logs as dirty; null if unknown. */
  readonly filled: number | null;
}

/** Answer of {@link ChangeLog.takeChange}. */
export type TakenChange =
  /** Change to deliver, and the epoch of the authority's row. */
  | { readonly change: LogChange; readonly epoch: number }
  /** Nothing is dirty. */
  | { readonly clean: LogAuthority }
  /** Changes lost in a power cut have to be looked for first. */
  | { readonly gaps: readonly LogPosition[]; readonly authority: LogAuthority }
  /** The log is shorter than what the other side has seen of it. */
  | { readonly behind: number };

/** Request to put a state on the secondary. */
export interface PutRequest {
  /** Name of the library, in lower case. */
  readonly library: string;
  /** State to put. */
  readonly change: LogChange;
  /** Epoch of the authority's row when the state was read. */
  readonly epoch: number;
  /** A backfill does not advance the position of the library. */
  readonly source: 'drain' | 'backfill';
}

/** Answer of {@link ChangeLog.putIfNewer}. */
export type PutAnswer =
  | {
      /** False if this side held the same or a newer state. */
      readonly applied: boolean;
      /** True if this side held another state at the same position, which was used twice. */
      readonly differs: boolean;
      /** Latest position of the library that a drain has put here. */
      readonly seen: LogPosition;
      /** Boot under which the state was put. */
      readonly boot: string;
    }
  | LogRefused;

/** Change of the stage: up by one stage, or down by any number. `latch` is an automatic demotion. */
export type StageChange =
  | { readonly kind: 'promote' }
  | { readonly kind: 'demote'; readonly to: RolloutStage }
  | { readonly kind: 'latch'; readonly to: RolloutStage };

/** Note of a rollout, such as an entry of its audit log. The store keeps it and does not look into it. */
export interface LogNote {
  /** Kind of the note. */
  readonly kind: string;
  /** Key within its kind; a later note with the same key replaces an earlier one. */
  readonly key: string;
  /** Time in milliseconds since the epoch, as the writer gives it. */
  readonly at: number;
  /** Content of the note. */
  readonly body: JsonValue;
}

/** Request to change the stage. */
export interface StageChangeRequest {
  /** Revision that the row must have. */
  readonly expected: number;
  /** Change to make. */
  readonly command: StageChange;
  /** Completeness markers of the other side, by library. */
  readonly filled: Readonly<Record<string, number | null>>;
  /** Note that is kept in the same transaction, if the change is made. */
  readonly note?: LogNote | undefined;
}

/** Report on the triggers that log changes. */
export interface TriggerReport {
  /** Names of triggers that are missing or differ from their definition. */
  readonly missing: readonly string[];
}

/** Request of an enrolment. */
export interface InstallRequest {
  /** Side that the store takes. */
  readonly side: RolloutSide;
  /** Boot of the machine that has the store. */
  readonly boot: string;
  /** On the new side: first id that it may give, above every id of the old side. */
  readonly firstId?: number | undefined;
}

/** Result of an enrolment. */
export interface InstallResult {
  /** Largest id that the store had given before. */
  readonly lastId: number;
}

/**
 * Capability `changeLog`: records which rows change, and takes part in moving libraries from one store to another. Each
 * call is one transaction. A call for a store that is not enrolled is rejected with `STORAGE_NOT_FOUND`.
 *
 * A reset of all vectors is not logged: in its transaction, a new epoch of every library that this side holds begins, and
 * the completeness markers of the others are removed.
 *
 * A library that the store has no record of has epoch 1 and is held by the old side.
 */
export interface ChangeLog {
  /**
   * Enrolls the store in the stage `dualwrite`: creates the records and triggers, and on the old side makes room for the
   * ids of the new one. On a store that is enrolled already, restores missing triggers, creates the records of libraries
   * that have none, and begins a new epoch of every library that this side holds, to which no completeness marker belongs.
   *
   * @throws StorageError `STORAGE_CONSTRAINT` for the other side of an enrolled store, and if two libraries, or two
   * versions of a library, have one name: the message names them.
   */
  install(request: InstallRequest, options?: CallOptions): Promise<InstallResult>;
  /** Removes the records and triggers. @returns True if there were any. */
  remove(options?: CallOptions): Promise<boolean>;
  /** Compares the triggers of the store with their definitions. */
  triggers(options?: CallOptions): Promise<TriggerReport>;
  /** Names of the libraries that the store has a record of, by name. */
  libraries(options?: CallOptions): Promise<readonly string[]>;
  /**
   * Must be called first after opening. Under another boot than before, what was committed last may be lost: begins a new
   * epoch of every library held here, opens a gap, and skips ids. Durable.
   */
  connect(boot: string, options?: CallOptions): Promise<LogDone>;
  /** Returns who may write a library, as this store knows it. */
  readAuthority(library: string, options?: CallOptions): Promise<LibraryLog>;
  /** Returns the oldest change that the other side lacks, with the present state of its row. */
  takeChange(library: string, seen: LogPosition | null, options?: CallOptions): Promise<TakenChange>;
  /**
   * Puts a state of the authority, unless this side holds a newer one. Rows that do not exist keep their position. Another
   * state at the same position is replaced, and this side counts as unfilled from then on: a power cut or a restored backup
   * took the end of a log, positions were used again, and other rows may differ too.
   */
  putIfNewer(request: PutRequest, options?: CallOptions): Promise<PutAnswer>;
  /** Makes durable what was committed under this boot. */
  sync(boot: string, options?: CallOptions): Promise<LogDone>;
  /** Marks a change as held by the other side, unless the row has changed since. */
  clear(library: string, state: Pick<LogState, 'key' | 'position'>, options?: CallOptions): Promise<LogDone>;
  /** Follows a new epoch of the authority, and returns the states of this side that the authority lost. Durable. */
  announce(
    library: string,
    authority: LogAuthority,
    gaps: readonly LogPosition[],
    options?: CallOptions,
  ): Promise<{ readonly orphans: readonly LogChange[] } | LogRefused>;
  /** Writes a lost state again, as a change of the present epoch, unless the row was written in a later one. */
  carryBack(library: string, change: LogChange, epoch: number, options?: CallOptions): Promise<LogDone>;
  /**
   * Logs a row once more, as it is, so that it is delivered again: the other side holds something else. Also for a row that
   * does not exist. Refused while a gap is open, because the other side may hold the only copy of a lost write.
   */
  relog(library: string, key: LogKey, epoch: number, options?: CallOptions): Promise<LogDone>;
  /** Ends the search for lost changes. Durable. */
  closeGaps(library: string, epoch: number, options?: CallOptions): Promise<LogDone>;
  /**
   * Takes a library from this side: from then on, it refuses writes. Durable.
   *
   * @param filled Completeness marker of the side that takes over.
   */
  fence(
    library: string,
    expected: number,
    authority: LogAuthority,
    filled: number | null,
    options?: CallOptions,
  ): Promise<LogDone>;
  /** Gives this side a library that was fenced on the other side and drained. Durable. */
  admit(library: string, epoch: number, options?: CallOptions): Promise<LogDone>;
  /** Returns the position at which a backfill begins. */
  takePosition(
    library: string,
    options?: CallOptions,
  ): Promise<{ readonly position: LogPosition } | LogRefused>;
  /** Reads a row for a backfill; `changed` if it was written after that position. */
  readPage(
    library: string,
    key: LogKey,
    since: LogPosition,
    options?: CallOptions,
  ): Promise<{ readonly change: LogChange } | { readonly changed: true } | LogRefused>;
  /** Records that this side holds everything but what the authority logs as dirty. Durable. */
  markFilled(library: string, epoch: number, boot: string | null, options?: CallOptions): Promise<LogDone>;
  /** Returns the stage, the completeness markers of this side, and the libraries that it does not hold. */
  readControl(options?: CallOptions): Promise<StageReading>;
  /**
   * Changes the stage, on the side that decides: the old one up to `shadow`, the new one from `live` on. A promotion requires that nothing is dirty and, above `dualwrite`, a marker of the other side for
   * each library held here; above `live`, this side must hold every library. `off` requires that the old side holds every
   * library, and is decided there: triggers are dropped, and a new epoch
   * begins. The way back restores the triggers, and records the libraries that were created since. Durable.
   *
   * @throws StorageError `STORAGE_CONSTRAINT` if two rows have got one name since.
   */
  changeStage(request: StageChangeRequest, options?: CallOptions): Promise<LogDone>;
  /** Takes over the stage as the other side decided it; refused if this side has a later row, or another one. Durable. */
  carryStage(row: StageRow, options?: CallOptions): Promise<LogDone>;
  /** Returns the position that a library stands at; null while anything of it is dirty. */
  readLast(library: string, options?: CallOptions): Promise<LogPosition | null>;
  /** Keeps a note. Durable. */
  putNote(note: LogNote, options?: CallOptions): Promise<LogDone>;
  /** Returns the notes of a kind, by key. */
  notes(kind: string, options?: CallOptions): Promise<readonly LogNote[]>;
  /** Begins a new epoch of a library whose log is shorter than what the other side has seen of it. Durable. */
  raise(library: string, expected: number, seen: LogPosition, options?: CallOptions): Promise<LogDone>;
}
