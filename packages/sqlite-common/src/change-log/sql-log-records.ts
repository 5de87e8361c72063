import {
  type JsonValue,
  type LibraryId,
  type MutationResult,
  type PageId,
  type ReplacePage,
  StorageError,
  type VersionId,
} from '@switchyard/storage-core';
import {
  type ChangedKey,
  type ChangeLogRecords,
  checkMutation,
  idOfRow,
  type LogEntry,
  type LoggedOperation,
  type LogKey,
  type LogLibrary,
  type LogNote,
  type LogPosition,
  type LogRow,
  type LogStore,
  type PageSnapshot,
  UNKNOWN_LIBRARY,
} from '@switchyard/storage-core/backend';
import { findLibraryId, findPageId, findVersionId } from '../catalog/references.js';
import { readLibrary, readVersion } from '../catalog/sql-catalog.js';
import type { SqliteDriver } from '../driver.js';
import type { ChunkStore } from '../mutations/chunk-store.js';
import type { IdKind, MutationContext } from '../mutations/context.js';
import { deletePage, replacePage } from '../mutations/pages.js';
import { putLibrary, putVersion, removeVersion } from '../mutations/versions.js';
import * as sql from './log-statements.js';
import { createLogTriggers, dropLogTriggers } from './log-triggers.js';
import { requireOneNameEach } from './one-name-each.js';

/** Dependencies of {@link SqlLogRecords}. */
export interface SqlLogContext {
  readonly driver: SqliteDriver;
  /** Writes the chunks of this transaction. */
  readonly chunks: ChunkStore;
  /** Reads a page with its chunks and vectors. */
  readonly readPage: (pageId: PageId) => PageSnapshot | null;
  /** Time of the transaction, formatted as CURRENT_TIMESTAMP. */
  readonly now: string;
}

interface StoreRow {
  readonly side: LogStore['side'];
  readonly boot: string;
  readonly sequence: number;
  readonly logs: number;
  readonly revision: number;
  readonly stage: LogStore['stage'];
  readonly latched: number;
}

interface LibraryRow {
  readonly epoch: number;
  readonly holder: LogStore['side'];
  readonly gaps: string;
  readonly last_epoch: number;
  readonly last_sequence: number;
  readonly filled: number | null;
}

interface KeyRow {
  readonly kind: LogKey['kind'];
  readonly version: string;
  readonly url: string;
}

interface EntryRow extends KeyRow {
  readonly epoch: number;
  readonly sequence: number;
  readonly stamp: number;
  readonly dirty: number;
}

interface OperationRow {
  readonly operation: string;
  readonly kind: LogKey['kind'] | null;
  readonly version: string | null;
  readonly url: string | null;
  readonly epoch: number | null;
  readonly sequence: number | null;
  readonly results: string;
}

/** Records of a rollout in a SQLite store, inside one transaction. */
export class SqlLogRecords implements ChangeLogRecords {
  readonly #driver: SqliteDriver;
  readonly #readPage: SqlLogContext['readPage'];
  readonly #context: MutationContext;
  /** Read once, because every transaction asks for it. */
  #store: LogStore;

  /** @throws StorageError `STORAGE_NOT_FOUND` if the store is not enrolled. */
  constructor({ driver, chunks, readPage, now }: SqlLogContext) {
    this.#driver = driver;
    this.#readPage = readPage;
    this.#context = { driver, chunks, now };
    if (!isEnrolled(driver)) {
      throw new StorageError(
        'STORAGE_NOT_FOUND',
        'The store is not enrolled in a rollout: there are no rollout tables in it.',
        { outcome: 'not-applied' },
      );
    }
    this.#store = this.#readStore();
  }

  store(): LogStore {
    return this.#store;
  }

  setStore(change: Partial<LogStore>): void {
    const next = { ...this.#readStore(), ...change };
    const { boot, sequence, logs, revision, stage, latched } = next;
    this.#driver.run(sql.SET_STORE, [boot, sequence, Number(logs), revision, stage, Number(latched)]);
    if (logs !== this.#store.logs) {
      if (logs) createLogTriggers(this.#driver);
      else dropLogTriggers(this.#driver);
    }
    this.#store = next;
  }

  skipIds(count: number): void {
    this.#driver.run(this.#store.side === 'old' ? sql.SKIP_COUNTED_IDS : sql.SKIP_IDS, [count]);
  }

  /** Takes the next ids of a kind on the new side; null on the old one, where SQLite counts. */
  takeIds(kind: IdKind, count: number): number | null {
    if (this.#store.side === 'old') return null;
    const row = this.#driver.first<{ next: number }>(sql.TAKE_IDS, [kind, count]);
    if (row === undefined) throw new TypeError(`rollout_ids has no row for '${kind}'.`);
    return row.next - count;
  }

  libraries(): readonly string[] {
    return this.#driver.all<{ name: string }>(sql.LIBRARY_NAMES).map(({ name }) => name);
  }

  library(name: string): LogLibrary {
    const row = this.#driver.first<LibraryRow>(sql.LIBRARY, [name]);
    if (row === undefined) return UNKNOWN_LIBRARY;
    return {
      authority: { epoch: row.epoch, holder: row.holder },
      gaps: JSON.parse(row.gaps) as LogPosition[],
      last: { epoch: row.last_epoch, sequence: row.last_sequence },
      filled: row.filled,
    };
  }

  setLibrary(name: string, change: Partial<LogLibrary>): void {
    const { authority, gaps, last, filled } = { ...this.library(name), ...change };
    this.#driver.run(sql.PUT_LIBRARY, [
      name,
      authority.epoch,
      authority.holder,
      JSON.stringify(gaps),
      last.epoch,
      last.sequence,
      filled,
    ]);
  }

  enrollLibraries(): void {
    requireOneNameEach(this.#driver);
    this.#driver.run(sql.ENROLL_LIBRARIES);
  }

  entry(library: string, key: LogKey): LogEntry | null {
    const row = this.#driver.first<EntryRow>(sql.ENTRY, [library, ...columnsOf(key)]);
    return row === undefined ? null : toEntry(row);
  }

  setEntry(library: string, { key, position, stamp, dirty }: LogEntry): void {
    const { epoch, sequence } = position;
    this.#driver.run(sql.PUT_ENTRY, [library, ...columnsOf(key), epoch, sequence, stamp, Number(dirty)]);
  }

  oldestDirty(library: string): LogEntry | null {
    const row = this.#driver.first<EntryRow>(sql.OLDEST_DIRTY, [library]);
    return row === undefined ? null : toEntry(row);
  }

  entriesAfter(library: string, { epoch, sequence }: LogPosition): readonly LogEntry[] {
    return this.#driver.all<EntryRow>(sql.ENTRIES_AFTER, [library, epoch, sequence]).map(toEntry);
  }

  clear(library: string, { key, position }: Pick<LogEntry, 'key' | 'position'>): void {
    const place = [library, position.epoch, position.sequence];
    const row = this.#driver.first<EntryRow>(sql.DIRTY_AT, place);
    // After a power cut, another key may have been given this position.
    if (row === undefined || String(columnsOf(toKey(row))) !== String(columnsOf(key))) return;
    this.#driver.run(sql.CLEAR, place);
  }

  operationsOf(library: string, key: LogKey): readonly LoggedOperation[] {
    const rows = this.#driver.all<OperationRow>(sql.OPERATIONS_OF_KEY, [library, ...columnsOf(key)]);
    return rows.map(toOperation);
  }

  operation(id: string): LoggedOperation | null {
    const row = this.#driver.first<OperationRow>(sql.OPERATION, [id]);
    return row === undefined ? null : toOperation(row);
  }

  addOperation(library: string, { operation, key, position, results }: LoggedOperation): void {
    const place = key === null ? [null, null, null] : columnsOf(key);
    const at = position === null ? [null, null] : [position.epoch, position.sequence];
    this.#driver.run(sql.ADD_OPERATION, [operation, library, ...place, ...at, JSON.stringify(results)]);
  }

  expireOperations(): void {
    this.#driver.run(sql.EXPIRE_OPERATIONS);
  }

  putNote({ kind, key, at, body }: LogNote): void {
    this.#driver.run(sql.PUT_NOTE, [kind, key, at, JSON.stringify(body)]);
  }

  notes(kind: string): readonly LogNote[] {
    const rows = this.#driver.all<Omit<LogNote, 'body'> & { readonly body: string }>(sql.NOTES, [kind]);
    return rows.map((row) => ({ ...row, body: JSON.parse(row.body) as JsonValue }));
  }

  read(library: string, key: LogKey): LogRow | null {
    const id = this.#idOf(library, key);
    if (id === null) return null;
    switch (key.kind) {
      case 'library': {
        const found = readLibrary(this.#driver, id);
        return found === null ? null : { kind: 'library', library: found };
      }
      case 'version': {
        const version = readVersion(this.#driver, id);
        return version === null ? null : { kind: 'version', version };
      }
      case 'page': {
        const page = this.#readPage(id);
        return page === null ? null : { kind: 'page', page };
      }
    }
  }

  write(library: string, key: LogKey, row: LogRow | null): void {
    const held = this.#idOf(library, key);
    if (held !== null && (row === null || held !== idOfRow(row))) this.#drop(key.kind, held);
    switch (row?.kind) {
      case 'library':
        putLibrary(this.#context, { kind: 'putLibrary', library: row.library });
        return;
      case 'version': {
        const parent = readLibrary(this.#driver, row.version.libraryId);
        if (parent === null) throw new TypeError('A version was put before its library.');
        putVersion(this.#context, { kind: 'putVersion', library: parent, version: row.version });
        return;
      }
      case 'page': {
        const { versionId, ...page } = row.page.page;
        const { chunks } = row.page;
        const mutation: ReplacePage = { kind: 'replacePage', version: { versionId }, page, chunks };
        checkMutation(mutation, this.#context.chunks.profile()?.dimension);
        replacePage(this.#context, mutation);
      }
    }
  }

  touch(library: string, key: LogKey): void {
    this.#driver.run(sql.TOUCH, [library, ...columnsOf(key)]);
  }

  silently(work: () => void): void {
    this.#driver.run(sql.BEGIN_PUT);
    work();
    this.#driver.run(sql.END_WRITE);
  }

  logged<T>(work: () => T): { readonly result: T; readonly changed: readonly ChangedKey[] } {
    const { sequence } = this.#store;
    this.#driver.run(sql.BEGIN_ROLLOUT_WRITE);
    const result = work();
    this.#driver.run(sql.END_WRITE);
    const rows = this.#driver.all<EntryRow & { library: string }>(sql.CHANGED_SINCE, [sequence]);
    const changed = rows.map(({ library, ...row }): ChangedKey => {
      const { key, position } = toEntry(row);
      return { library, key, position };
    });
    return { result, changed };
  }

  /** Writes what is better written in one go, at the end of the transaction. */
  finish(): void {
    this.#context.chunks.finish?.();
  }

  #idOf(library: string, key: LogKey): number | null {
    switch (key.kind) {
      case 'library':
        return findLibraryId(this.#driver, { library });
      case 'version':
        return findVersionId(this.#driver, { library, version: key.version });
      case 'page':
        return findPageId(this.#driver, { version: { library, version: key.version }, url: key.url });
    }
  }

  /** Removes a row with everything below it. */
  #drop(kind: LogKey['kind'], id: number): void {
    switch (kind) {
      case 'page':
        deletePage(this.#context, { kind: 'deletePage', page: { pageId: id } });
        return;
      case 'version':
        this.#dropVersion(id);
        return;
      case 'library':
        this.#dropLibrary(id);
    }
  }

  #dropVersion(versionId: VersionId): void {
    removeVersion(this.#context, { kind: 'removeVersion', version: { versionId }, removeLibrary: false });
  }

  #dropLibrary(libraryId: LibraryId): void {
    const versions = this.#driver.all<{ id: VersionId }>(sql.VERSIONS_OF_LIBRARY, [libraryId]);
    for (const { id } of versions) this.#dropVersion(id);
    this.#driver.run(sql.DELETE_LIBRARY, [libraryId]);
  }

  #readStore(): LogStore {
    const row = this.#driver.first<StoreRow>(sql.STORE);
    if (row === undefined) throw new TypeError('rollout_store is empty.');
    return { ...row, logs: row.logs === 1, latched: row.latched === 1 };
  }
}

/** Returns true if the tables of a rollout are there. */
export function isEnrolled(driver: SqliteDriver): boolean {
  return driver.first(sql.IS_ENROLLED) !== undefined;
}

function columnsOf(key: LogKey): readonly [kind: string, version: string, url: string] {
  switch (key.kind) {
    case 'library':
      return ['library', '', ''];
    case 'version':
      return ['version', key.version, ''];
    case 'page':
      return ['page', key.version, key.url];
  }
}

function toKey({ kind, version, url }: KeyRow): LogKey {
  switch (kind) {
    case 'library':
      return { kind };
    case 'version':
      return { kind, version };
    case 'page':
      return { kind, version, url };
  }
}

function toEntry({ epoch, sequence, stamp, dirty, ...key }: EntryRow): LogEntry {
  return { key: toKey(key), position: { epoch, sequence }, stamp, dirty: dirty === 1 };
}

function toOperation(row: OperationRow): LoggedOperation {
  const { operation, kind, version, url, epoch, sequence, results } = row;
  return {
    operation,
    key: kind === null ? null : toKey({ kind, version: version ?? '', url: url ?? '' }),
    position: epoch === null || sequence === null ? null : { epoch, sequence },
    results: JSON.parse(results) as MutationResult[],
  };
}
