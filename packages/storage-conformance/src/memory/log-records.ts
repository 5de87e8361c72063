import { StorageError } from '@switchyard/storage-core';
import {
  type ChangedKey,
  type ChangeLogRecords,
  idOfRow,
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
import { putLibrary, putVersion } from './apply.js';
import { changedKeys, type KeyOfLibrary, keyText, type LogTables } from './log-tables.js';
import { findLibrary, findPage, findVersion, toPageSnapshot } from './lookup.js';
import { deletePage, replacePage } from './pages.js';
import { Tables } from './tables.js';

/** Bits of a stamp: what a number holds exactly. */
const STAMPS = 2 ** 53;

/** Records of a change log over tables that are not visible to anyone else yet. */
export class MemoryLogRecords implements ChangeLogRecords {
  readonly #tables: Tables;
  readonly #log: LogTables;
  /** Keys to log although their rows may be the same. */
  readonly #touched = new Map<string, KeyOfLibrary>();

  /** @throws StorageError `STORAGE_NOT_FOUND` if the store is not enrolled. */
  constructor(tables: Tables) {
    if (tables.log === null) {
      throw new StorageError('STORAGE_NOT_FOUND', 'The store is not enrolled in a rollout.', {
        backend: 'memory',
      });
    }
    this.#tables = tables;
    this.#log = tables.log;
  }

  store(): LogStore {
    return this.#log.store;
  }

  setStore(change: Partial<LogStore>): void {
    this.#log.store = { ...this.#log.store, ...change };
  }

  skipIds(count: number): void {
    if (this.#log.store.side === 'old') this.#tables.lastId += count;
    for (const [kind, next] of this.#log.nextIds) this.#log.nextIds.set(kind, next + count);
  }

  libraries(): readonly string[] {
    return [...this.#log.libraries.keys()].sort();
  }

  library(name: string): LogLibrary {
    return this.#log.libraries.get(name) ?? UNKNOWN_LIBRARY;
  }

  setLibrary(name: string, change: Partial<LogLibrary>): void {
    this.#log.libraries.set(name, { ...this.library(name), ...change });
  }

  enrollLibraries(): void {
    for (const { name } of this.#tables.libraries.values()) {
      if (!this.#log.libraries.has(name)) this.setLibrary(name, {});
    }
  }

  entry(library: string, key: LogKey): LogEntry | null {
    return this.#log.entries.get(keyText({ library, key })) ?? null;
  }

  setEntry(library: string, entry: LogEntry): void {
    this.#log.entries.set(keyText({ library, key: entry.key }), entry);
  }

  oldestDirty(library: string): LogEntry | null {
    return this.#entriesOf(library).find(({ dirty }) => dirty) ?? null;
  }

  entriesAfter(library: string, { epoch, sequence }: LogPosition): readonly LogEntry[] {
    return this.#entriesOf(library).filter(
      ({ position }) => position.epoch === epoch && position.sequence > sequence,
    );
  }

  clear(library: string, { key, position }: Pick<LogEntry, 'key' | 'position'>): void {
    const entry = this.entry(library, key);
    const { epoch, sequence } = entry?.position ?? { epoch: -1, sequence: -1 };
    if (entry === null || epoch !== position.epoch || sequence !== position.sequence) return;
    this.setEntry(library, { ...entry, dirty: false });
  }

  operationsOf(library: string, key: LogKey): readonly LoggedOperation[] {
    const text = keyText({ library, key });
    return [...this.#log.operations]
      .filter(
        ([id, { key: of }]) =>
          of !== null && libraryIn(id) === library && keyText({ library, key: of }) === text,
      )
      .map(([, operation]) => operation);
  }

  operation(id: string): LoggedOperation | null {
    return [...this.#log.operations.values()].find(({ operation }) => operation === id) ?? null;
  }

  addOperation(library: string, operation: LoggedOperation): void {
    const id = JSON.stringify([library, operation.operation]);
    if (!this.#log.operations.has(id)) this.#log.operations.set(id, operation);
  }

  putNote(note: LogNote): void {
    this.#log.notes.set(JSON.stringify([note.kind, note.key]), structuredClone(note));
  }

  notes(kind: string): readonly LogNote[] {
    return [...this.#log.notes.values()]
      .filter((note) => note.kind === kind)
      .sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)))
      .map((note) => structuredClone(note));
  }

  read(library: string, key: LogKey): LogRow | null {
    switch (key.kind) {
      case 'library': {
        const found = findLibrary(this.#tables, { library });
        return found === undefined ? null : { kind: 'library', library: found };
      }
      case 'version': {
        const version = findVersion(this.#tables, { library, version: key.version });
        return version === undefined ? null : { kind: 'version', version };
      }
      case 'page': {
        const page = findPage(this.#tables, { version: { library, version: key.version }, url: key.url });
        return page === undefined ? null : { kind: 'page', page: toPageSnapshot(this.#tables, page) };
      }
    }
  }

  write(library: string, key: LogKey, row: LogRow | null): void {
    const held = this.read(library, key);
    if (held !== null && (row === null || idOfRow(held) !== idOfRow(row))) this.#drop(held);
    switch (row?.kind) {
      case 'library':
        putLibrary(this.#tables, row.library);
        return;
      case 'version': {
        const parent = findLibrary(this.#tables, { library });
        if (parent !== undefined) putVersion(this.#tables, parent, row.version);
        return;
      }
      case 'page': {
        const { page, chunks } = row.page;
        const version = this.#tables.versions.get(page.versionId);
        if (version !== undefined) replacePage(this.#tables, version, page, chunks);
      }
    }
  }

  /** Removes a row with everything below it. */
  #drop(row: LogRow): void {
    switch (row.kind) {
      case 'page':
        deletePage(this.#tables, row.page.page.id);
        return;
      case 'version':
        for (const { id } of this.#tables.pagesOf(row.version.id)) deletePage(this.#tables, id);
        this.#tables.versions.delete(row.version.id);
        return;
      case 'library':
        for (const version of this.#tables.versionsOf(row.library.id))
          this.#drop({ kind: 'version', version });
        this.#tables.libraries.delete(row.library.id);
    }
  }

  touch(library: string, key: LogKey): void {
    this.#touched.set(keyText({ library, key }), { library, key });
  }

  silently(work: () => void): void {
    work();
  }

  logged<T>(work: () => T): { readonly result: T; readonly changed: readonly ChangedKey[] } {
    const before = new Tables(this.#tables);
    const result = work();
    const keys = new Map(changedKeys(before, this.#tables).map((key) => [keyText(key), key]));
    for (const [text, key] of this.#touched) keys.set(text, key);
    this.#touched.clear();
    const changed = [...keys.values()].map(({ library, key }): ChangedKey => {
      return { library, key, position: this.#logKey(library, key) };
    });
    return { result, changed };
  }

  #logKey(library: string, key: LogKey): LogPosition {
    const { sequence: last, logs } = this.#log.store;
    const { epoch } = this.library(library).authority;
    if (!logs) return { epoch, sequence: last };
    const position = { epoch, sequence: last + 1 };
    this.setStore({ sequence: position.sequence });
    this.setLibrary(library, { last: position });
    // Not seeded: two stores that give the same position must not give the same stamp.
    this.setEntry(library, { key, position, stamp: Math.floor(Math.random() * STAMPS), dirty: true });
    return position;
  }

  /** Entries of a library by position. */
  #entriesOf(library: string): LogEntry[] {
    return [...this.#log.entries]
      .filter(([id]) => libraryIn(id) === library)
      .map(([, entry]) => entry)
      .sort((a, b) => a.position.epoch - b.position.epoch || a.position.sequence - b.position.sequence);
  }
}

function libraryIn(id: string): string {
  return (JSON.parse(id) as [string])[0];
}
