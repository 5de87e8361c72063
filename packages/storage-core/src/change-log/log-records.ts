import type {
  LogAuthority,
  LoggedOperation,
  LogKey,
  LogNote,
  LogPosition,
  LogRow,
  RolloutSide,
  StageRow,
} from '../ports/change-log.js';

/** Row of an enrolled store. */
export interface LogStore extends StageRow {
  /** Side of the rollout that the store is. */
  readonly side: RolloutSide;
  /** Boot of the machine under which the store was last connected to. */
  readonly boot: string;
  /** Number of the last change that was logged. */
  readonly sequence: number;
  /** True while changes are logged. */
  readonly logs: boolean;
}

/** Records of one library. */
export interface LogLibrary {
  /** Authority over the library, as this store knows it. */
  readonly authority: LogAuthority;
  /** Ends of terms that a power cut shortened. */
  readonly gaps: readonly LogPosition[];
  /** Position of the last change: an own one, or one that a drain has put here. */
  readonly last: LogPosition;
  /** Epoch up to which this side is complete; null if unknown. */
  readonly filled: number | null;
}

/** Entry of a key: position of its last change, which outlives the row. */
export interface LogEntry {
  /** Key of the row. */
  readonly key: LogKey;
  /** Position of its last change. */
  readonly position: LogPosition;
  /** Random number of that change. */
  readonly stamp: number;
  /** True until the other side holds this state durably. */
  readonly dirty: boolean;
}

/** Records of a library that the store has no record of. */
export const UNKNOWN_LIBRARY: LogLibrary = {
  authority: { epoch: 1, holder: 'old' },
  gaps: [],
  last: { epoch: 0, sequence: 0 },
  filled: null,
};

/**
 * Records and rows of an enrolled store, as the transactions of a change log need them. Everything happens inside one
 * transaction of the store. A backend implements this and gets the port from {@link changeLogOver}.
 */
export interface ChangeLogRecords {
  /** Returns the row of the store. */
  store(): LogStore;
  /** Replaces some columns of the row of the store. */
  setStore(change: Partial<LogStore>): void;
  /** Skips ids of every kind, which may have been given and lost. */
  skipIds(count: number): void;
  /** Returns the names of libraries with a record, by name. */
  libraries(): readonly string[];
  /** Returns the records of a library; {@link UNKNOWN_LIBRARY} if there are none. */
  library(name: string): LogLibrary;
  /** Replaces some columns of the records of a library, which are created if needed. */
  setLibrary(name: string, change: Partial<LogLibrary>): void;
  /**
   * Creates the records of libraries that have none, as {@link UNKNOWN_LIBRARY}: those that were created while nothing was
   * logged.
   *
   * @throws StorageError `STORAGE_CONSTRAINT` if two rows have one name: a key stands for one row.
   */
  enrollLibraries(): void;
  /** Returns the entry of a key; null if it was never logged nor put. */
  entry(library: string, key: LogKey): LogEntry | null;
  /** Writes an entry. */
  setEntry(library: string, entry: LogEntry): void;
  /** Returns the dirty entry with the earliest position, or null. */
  oldestDirty(library: string): LogEntry | null;
  /** Returns entries of the epoch of a position with a later sequence. */
  entriesAfter(library: string, position: LogPosition): readonly LogEntry[];
  /** Marks the entry at this position as clean. Does nothing if there is none. */
  clear(library: string, state: Pick<LogEntry, 'key' | 'position'>): void;
  /** Returns the operations whose last write was of a key. */
  operationsOf(library: string, key: LogKey): readonly LoggedOperation[];
  /** Returns the operation with this id, or null. */
  operation(id: string): LoggedOperation | null;
  /** Stores an operation; does nothing if its id is known. */
  addOperation(library: string, operation: LoggedOperation): void;
  /** Removes operations that were stored more than a day ago and whose key is clean. Called by writes too. Optional. */
  expireOperations?(): void;
  /** Keeps a note; replaces one with the same kind and key. */
  putNote(note: LogNote): void;
  /** Returns the notes of a kind, by key. */
  notes(kind: string): readonly LogNote[];
  /** Returns the present row of a key; null if it does not exist. */
  read(library: string, key: LogKey): LogRow | null;
  /** Makes the row of a key what is given; null deletes it with everything below it. */
  write(library: string, key: LogKey, row: LogRow | null): void;
  /** Logs a key even if its row does not change. Only inside of {@link logged}. */
  touch(library: string, key: LogKey): void;
  /** Runs work whose changes are not logged. */
  silently(work: () => void): void;
  /**
   * Runs work whose changes are logged once a key, and returns the keys that it changed by library, in the order in which
   * they were first changed.
   */
  logged<T>(work: () => T): { readonly result: T; readonly changed: readonly ChangedKey[] };
}

/** A key that a write changed. */
export interface ChangedKey {
  /** Name of the library, in lower case. */
  readonly library: string;
  /** Key of the row. */
  readonly key: LogKey;
  /** Position that the change was given. */
  readonly position: LogPosition;
}
