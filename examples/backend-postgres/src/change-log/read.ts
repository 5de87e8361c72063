import type { LibraryRecord, PageRecord } from '@switchyard/storage-core';
import type {
  LogEntry,
  LoggedOperation,
  LogKey,
  LogLibrary,
  LogNote,
  LogRow,
} from '@switchyard/storage-core/backend';
import type { Query } from '../database/connection.js';
import { keyOf } from '../database/text.js';
import { findVersionId } from '../references.js';
import { type SnapshotRow, toSnapshot, toVersion, type VersionRow } from '../rows.js';
import { LIBRARY, PAGE_BY_URL, SNAPSHOT_CHUNKS, VERSION } from '../sql/catalog.js';
import * as sql from '../sql/change-log.js';
import { LIBRARIES_LIKE, PAGE_LIKE } from '../sql/writes.js';
import { type KeyOfLibrary, keyText, type NamesRow, toKey } from './keys.js';

interface EntryRow {
  readonly key: string;
  readonly epoch: number;
  readonly sequence: number;
  readonly stamp: number;
  readonly dirty: boolean;
}

/** Returns the row of a key; null if it does not exist. */
export async function readRow(query: Query, { library, key }: KeyOfLibrary): Promise<LogRow | null> {
  const name = keyOf(library);
  switch (key.kind) {
    case 'library': {
      const [found] = await query<LibraryRecord>(LIBRARY, [null, name]);
      return found === undefined ? null : { kind: 'library', library: found };
    }
    case 'version': {
      const [found] = await query<VersionRow>(VERSION, [null, name, keyOf(key.version)]);
      return found === undefined ? null : { kind: 'version', version: toVersion(found) };
    }
    case 'page': {
      const [page] = await query<PageRecord>(PAGE_BY_URL, [null, name, keyOf(key.version), keyOf(key.url)]);
      if (page === undefined) return null;
      const chunks = await query<SnapshotRow>(SNAPSHOT_CHUNKS, [[page.id]]);
      return { kind: 'page', page: { page, chunks: chunks.map(toSnapshot) } };
    }
  }
}

/** Returns the id of the row of a key; null if it does not exist. */
export async function readId(query: Query, { library, key }: KeyOfLibrary): Promise<number | null> {
  if (key.kind === 'library') {
    const [found] = await query<{ readonly id: number }>(LIBRARIES_LIKE, [0, keyOf(library)]);
    return found?.id ?? null;
  }
  const versionId = await findVersionId(query, { library, version: key.version });
  if (key.kind === 'version' || versionId === null) return versionId;
  const [page] = await query<{ readonly id: number }>(PAGE_LIKE, [versionId, keyOf(key.url)]);
  return page?.id ?? null;
}

/** Returns the keys of all rows below that of a key, from the inside out. */
export async function readKeysBelow(
  query: Query,
  { library, key }: KeyOfLibrary,
): Promise<readonly KeyOfLibrary[]> {
  if (key.kind === 'page') return [];
  const version = key.kind === 'version' ? keyOf(key.version) : null;
  const rows = await query<NamesRow>(sql.KEYS_BELOW, [keyOf(library), version]);
  // A row of each page, with its version, or of a version without pages.
  return [...rows.map(toKey), ...rows.map((names) => toKey({ ...names, url: null }))];
}

/** Returns the records of all libraries by name. */
export async function readLibraries(query: Query): Promise<ReadonlyMap<string, LogLibrary>> {
  const rows = await query<{ readonly name: string; readonly record: string }>(sql.LOGGED_LIBRARIES);
  return new Map(rows.map(({ name, record }) => [name, JSON.parse(record) as LogLibrary]));
}

/** Returns the record of a library; null if there is none. */
export async function readLibrary(query: Query, name: string): Promise<LogLibrary | null> {
  const [row] = await query<{ readonly record: string }>(sql.LOGGED_LIBRARY, [keyOf(name)]);
  return row === undefined ? null : (JSON.parse(row.record) as LogLibrary);
}

/** Returns the entry of a key; null if there is none. */
export async function readEntry(query: Query, { library, key }: KeyOfLibrary): Promise<LogEntry | null> {
  const [row] = await query<EntryRow>(sql.ENTRY, [keyOf(library), keyOf(keyText(key))]);
  return row === undefined ? null : toEntry(row);
}

/** Returns entries of a library. @param values Parameters after the library. */
export async function readEntries(
  query: Query,
  text: string,
  library: string,
  values: readonly number[],
): Promise<readonly LogEntry[]> {
  return (await query<EntryRow>(text, [keyOf(library), ...values])).map(toEntry);
}

/** Returns operations. */
export async function readOperations(
  query: Query,
  text: string,
  values: readonly string[],
): Promise<readonly LoggedOperation[]> {
  const rows = await query<{ readonly operation: string }>(text, values);
  return rows.map(({ operation }) => JSON.parse(operation) as LoggedOperation);
}

function toEntry({ key, epoch, sequence, stamp, dirty }: EntryRow): LogEntry {
  return { key: JSON.parse(key) as LogKey, position: { epoch, sequence }, stamp, dirty };
}

/** Reads the notes of a kind, in any order. */
export async function readNotes(query: Query, kind: string): Promise<readonly LogNote[]> {
  const rows = await query<{ readonly note: string }>(sql.NOTES, [keyOf(kind)]);
  return rows.map(({ note }) => JSON.parse(note) as LogNote);
}
