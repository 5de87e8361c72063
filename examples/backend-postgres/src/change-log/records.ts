import { StorageError } from '@switchyard/storage-core';
import {
  type ChangedKey,
  type ChangeLogRecords,
  idOfRow,
  isSamePosition,
  type LogEntry,
  type LoggedOperation,
  type LogKey,
  type LogLibrary,
  type LogNote,
  type LogPosition,
  type LogRow,
  type LogStore,
  UNKNOWN_LIBRARY,
} from '@switchyard/storage-core/backend';
import { BACKEND_NAME } from '../capabilities.js';
import type { Query } from '../database/connection.js';
import type { State } from '../database/state.js';
import { keyOf } from '../database/text.js';
import { LIBRARIES } from '../sql/catalog.js';
import * as sql from '../sql/change-log.js';
import type { Facts } from './facts.js';
import { fullText, isAbove, type KeyOfLibrary, keyText } from './keys.js';
import * as read from './read.js';

/** Bits of a stamp: what a number holds exactly. */
const STAMPS = 2 ** 53;

/** Change of a row that is still to be made. */
export type RowWrite =
  | { readonly kind: 'drop'; readonly row: LogKey['kind']; readonly id: number }
  | { readonly kind: 'put'; readonly library: LogRow | null; readonly row: LogRow };

/** Everything that a transaction of the log is going to write. */
export interface Pending {
  store: LogStore;
  /** Number of ids to skip. */
  skipped: number;
  expires: boolean;
  readonly libraries: Map<string, LogLibrary>;
  /** Entries with their libraries, by text of the key. */
  readonly entries: Map<string, { readonly library: string; readonly entry: LogEntry }>;
  readonly operations: { readonly library: string; readonly operation: LoggedOperation }[];
  readonly notes: LogNote[];
  readonly rows: RowWrite[];
}

/** Dependencies of {@link PostgresLogRecords}. */
export interface LogContext {
  readonly query: Query;
  readonly state: State;
  readonly facts: Facts;
  /** Returns the keys of rows that the transaction has changed already. */
  readonly changed: () => readonly KeyOfLibrary[];
}

/** Records of a change log during one run of synchronous work: see {@link Facts}. Writes nothing but {@link Pending}. */
export class PostgresLogRecords implements ChangeLogRecords {
  readonly pending: Pending;
  readonly #context: LogContext;
  /** Rows as they will be, by text of the key; null for deleted ones. */
  readonly #rows = new Map<string, KeyOfLibrary & { readonly row: LogRow | null }>();
  /** Keys whose rows are deleted with everything below. */
  readonly #dropped: KeyOfLibrary[] = [];
  /** Keys to log; null outside of {@link logged}. */
  #logging: Map<string, KeyOfLibrary> | null = null;

  /** @throws StorageError `STORAGE_NOT_FOUND` if the store is not enrolled. */
  constructor(context: LogContext) {
    const { rollout } = context.state;
    if (rollout === null) throw notEnrolled();
    this.#context = context;
    this.pending = {
      ...{ store: rollout.store, skipped: 0, expires: false },
      ...{ libraries: new Map(), entries: new Map(), operations: [], notes: [], rows: [] },
    };
  }

  store(): LogStore {
    return this.pending.store;
  }

  setStore(change: Partial<LogStore>): void {
    this.pending.store = { ...this.pending.store, ...change };
  }

  skipIds(count: number): void {
    this.pending.skipped += count;
  }

  libraries(): readonly string[] {
    const known = this.#need('libraries', async (query) => {
      const records = await read.readLibraries(query);
      // All at once: who lists the libraries asks for each of them.
      for (const [name, record] of records) this.#context.facts.learn(factOf(name), record);
      return [...records.keys()];
    });
    return [...new Set([...known, ...this.pending.libraries.keys()])].sort();
  }

  library(name: string): LogLibrary {
    const own = this.pending.libraries.get(name);
    return own ?? this.#need(factOf(name), (query) => read.readLibrary(query, name)) ?? UNKNOWN_LIBRARY;
  }

  setLibrary(name: string, change: Partial<LogLibrary>): void {
    this.pending.libraries.set(name, { ...this.library(name), ...change });
  }

  enrollLibraries(): void {
    const known = new Set(this.libraries());
    const stored = this.#need('stored libraries', (query) => query<{ readonly name: string }>(LIBRARIES));
    for (const { name } of stored) if (!known.has(name)) this.setLibrary(name, {});
  }

  entry(library: string, key: LogKey): LogEntry | null {
    const place = { library, key };
    const own = this.pending.entries.get(fullText(place));
    return own?.entry ?? this.#need(`entry ${fullText(place)}`, (query) => read.readEntry(query, place));
  }

  setEntry(library: string, entry: LogEntry): void {
    this.pending.entries.set(fullText({ library, key: entry.key }), { library, entry });
  }

  oldestDirty(library: string): LogEntry | null {
    // As many as this transaction may have cleared, and one more.
    const count = this.#ownEntries(library).length + 1;
    const stored = this.#need(`${count} dirty ${library}`, (query) =>
      read.readEntries(query, sql.DIRTY_ENTRIES, library, [count]),
    );
    return this.#merged(library, stored).find(({ dirty }) => dirty) ?? null;
  }

  entriesAfter(library: string, { epoch, sequence }: LogPosition): readonly LogEntry[] {
    const stored = this.#need(`after ${epoch} ${sequence} ${library}`, (query) =>
      read.readEntries(query, sql.ENTRIES_AFTER, library, [epoch, sequence]),
    );
    return this.#merged(library, stored).filter(
      ({ position }) => position.epoch === epoch && position.sequence > sequence,
    );
  }

  clear(library: string, { key, position }: Pick<LogEntry, 'key' | 'position'>): void {
    const entry = this.entry(library, key);
    if (entry === null || !isSamePosition(entry.position, position)) return;
    this.setEntry(library, { ...entry, dirty: false });
  }

  operationsOf(library: string, key: LogKey): readonly LoggedOperation[] {
    const text = keyText(key);
    const stored = this.#need(`operations of ${fullText({ library, key })}`, (query) =>
      read.readOperations(query, sql.OPERATIONS_OF_KEY, [keyOf(library), keyOf(text)]),
    );
    const own = this.pending.operations
      .filter((one) => one.library === library && one.operation.key !== null)
      .map(({ operation }) => operation)
      .filter(({ key: of }) => of !== null && keyText(of) === text);
    return [...stored, ...own];
  }

  operation(id: string): LoggedOperation | null {
    const own = this.pending.operations.find(({ operation }) => operation.operation === id)?.operation;
    if (own !== undefined) return own;
    const [stored] = this.#need(`operation ${id}`, (query) =>
      read.readOperations(query, sql.OPERATION, [keyOf(id)]),
    );
    return stored ?? null;
  }

  addOperation(library: string, operation: LoggedOperation): void {
    this.pending.operations.push({ library, operation });
  }

  expireOperations(): void {
    this.pending.expires = true;
  }

  putNote(note: LogNote): void {
    this.pending.notes.push(note);
  }

  notes(kind: string): readonly LogNote[] {
    const stored = this.#need(`notes ${kind}`, (query) => read.readNotes(query, kind));
    const own = this.pending.notes.filter((note) => note.kind === kind);
    const notes = new Map([...stored, ...own].map((note) => [note.key, note]));
    return [...notes.values()].sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
  }

  read(library: string, key: LogKey): LogRow | null {
    const place = { library, key };
    const own = this.#own(place);
    if (own !== undefined) return own;
    return this.#need(`row ${fullText(place)}`, (query) => read.readRow(query, place));
  }

  write(library: string, key: LogKey, row: LogRow | null): void {
    const place = { library, key };
    const held = this.#idOf(place);
    if (held !== null && (row === null || held !== idOfRow(row))) this.#drop(place, held);
    if (row === null) return;
    const parent = row.kind === 'version' ? this.read(library, { kind: 'library' }) : null;
    if (row.kind === 'version' && parent === null) return;
    this.#note(place);
    this.#rows.set(fullText(place), { ...place, row });
    this.pending.rows.push({ kind: 'put', library: parent, row });
  }

  touch(library: string, key: LogKey): void {
    this.#note({ library, key });
  }

  silently(work: () => void): void {
    work();
  }

  logged<T>(work: () => T): { readonly result: T; readonly changed: readonly ChangedKey[] } {
    const keys = new Map<string, KeyOfLibrary>();
    this.#logging = keys;
    const result = work();
    this.#logging = null;
    const all = new Map([
      ...this.#context.changed().map((place) => [fullText(place), place] as const),
      ...keys,
    ]);
    const changed = [...all.values()].map(({ library, key }): ChangedKey => {
      return { library, key, position: this.#logKey(library, key) };
    });
    return { result, changed };
  }

  #logKey(library: string, key: LogKey): LogPosition {
    const { sequence: last, logs } = this.store();
    const { epoch } = this.library(library).authority;
    if (!logs) return { epoch, sequence: last };
    const position = { epoch, sequence: last + 1 };
    this.setStore({ sequence: position.sequence });
    this.setLibrary(library, { last: position });
    // Not seeded: two stores that give the same position must not give the same stamp.
    this.setEntry(library, { key, position, stamp: Math.floor(Math.random() * STAMPS), dirty: true });
    return position;
  }

  #drop(place: KeyOfLibrary, id: number): void {
    if (this.#logging !== null) {
      const below = this.#need(`below ${fullText(place)}`, (query) => read.readKeysBelow(query, place));
      for (const one of below) if (this.#own(one) === undefined) this.#note(one);
    }
    this.#note(place);
    for (const [text, one] of this.#rows) if (isAbove(place, one)) this.#rows.delete(text);
    this.#dropped.push(place);
    this.#rows.set(fullText(place), { ...place, row: null });
    this.pending.rows.push({ kind: 'drop', row: place.key.kind, id });
  }

  /** Row as this transaction makes it; undefined if it does not change it. */
  #own(place: KeyOfLibrary): LogRow | null | undefined {
    const own = this.#rows.get(fullText(place));
    if (own !== undefined) return own.row;
    return this.#dropped.some((dropped) => isAbove(dropped, place)) ? null : undefined;
  }

  #idOf(place: KeyOfLibrary): number | null {
    const own = this.#own(place);
    if (own !== undefined) return own === null ? null : idOfRow(own);
    return this.#need(`id ${fullText(place)}`, (query) => read.readId(query, place));
  }

  #note(place: KeyOfLibrary): void {
    this.#logging?.set(fullText(place), place);
  }

  #ownEntries(library: string): readonly LogEntry[] {
    const own = [...this.pending.entries.values()];
    return own.filter((one) => one.library === library).map(({ entry }) => entry);
  }

  /** Stored entries with those of this transaction, by position. */
  #merged(library: string, stored: readonly LogEntry[]): readonly LogEntry[] {
    const isOwn = ({ key }: LogEntry) => this.pending.entries.has(fullText({ library, key }));
    return [...stored.filter((entry) => !isOwn(entry)), ...this.#ownEntries(library)].sort(
      (a, b) => a.position.epoch - b.position.epoch || a.position.sequence - b.position.sequence,
    );
  }

  #need<T>(name: string, load: (query: Query) => Promise<T>): T {
    return this.#context.facts.need(name, () => load(this.#context.query));
  }
}

function factOf(library: string): string {
  return `library ${library}`;
}

/** Error of a call of the change log for a store that takes part in no rollout. */
export function notEnrolled(): StorageError {
  return new StorageError('STORAGE_NOT_FOUND', 'The store is not enrolled in a rollout.', {
    backend: BACKEND_NAME,
    outcome: 'not-applied',
  });
}
