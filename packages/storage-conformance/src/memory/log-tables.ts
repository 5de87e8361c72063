import type { LibraryId, PageRecord, VersionRecord } from '@switchyard/storage-core';
import type {
  LogEntry,
  LoggedOperation,
  LogKey,
  LogLibrary,
  LogNote,
  LogStore,
} from '@switchyard/storage-core/backend';
import type { Tables } from './tables.js';

/** Kinds of rows that have ids. */
export type IdKind = 'library' | 'version' | 'page' | 'chunk';

/** Records of an enrolled store. */
export class LogTables {
  store: LogStore;
  readonly libraries: Map<string, LogLibrary>;
  /** Entries by library and text of the key. */
  readonly entries: Map<string, LogEntry>;
  /** Operations by library and id. */
  readonly operations: Map<string, LoggedOperation>;
  /** Next ids of the new side, which are not raised by ids that are put. */
  readonly nextIds: Map<IdKind, number>;
  /** Notes by kind and key. */
  readonly notes: Map<string, LogNote>;

  constructor(from: LogTables | { readonly store: LogStore }) {
    this.store = from.store;
    const copied = from instanceof LogTables ? from : null;
    this.libraries = new Map(copied?.libraries);
    this.entries = new Map(copied?.entries);
    this.operations = new Map(copied?.operations);
    this.nextIds = new Map(copied?.nextIds);
    this.notes = new Map(copied?.notes);
  }
}

/** A key and its library. */
export interface KeyOfLibrary {
  readonly library: string;
  readonly key: LogKey;
}

/** Text of a key within the store. */
export function keyText({ library, key }: KeyOfLibrary): string {
  const { version, url } = { version: null, url: null, ...key };
  return JSON.stringify([library, key.kind, version, url]);
}

/** Returns the keys whose rows differ: deleted ones first, from the inside out, then the others from the outside in. */
export function changedKeys(before: Tables, after: Tables): readonly KeyOfLibrary[] {
  const found = new Map<string, KeyOfLibrary>();
  const add = (key: KeyOfLibrary | null) => {
    if (key !== null) found.set(keyText(key), key);
  };
  for (const page of missing(before.pages, after.pages)) add(keyOfPage(before, page));
  for (const version of missing(before.versions, after.versions)) add(keyOfVersion(before, version));
  for (const { id } of missing(before.libraries, after.libraries)) add(keyOfLibrary(before, id));
  for (const { id } of missing(after.libraries, before.libraries)) add(keyOfLibrary(after, id));
  for (const version of missing(after.versions, before.versions)) add(keyOfVersion(after, version));
  for (const page of missing(after.pages, before.pages)) add(keyOfPage(after, page));
  for (const [one, other] of [
    [before, after],
    [after, before],
  ] as const) {
    for (const { pageId } of missing(one.chunks, other.chunks)) {
      const page = one.pages.get(pageId);
      if (page !== undefined) add(keyOfPage(one, page));
    }
  }
  return [...found.values()];
}

/** Rows that are absent from other rows, or were replaced there. */
function missing<T>(rows: ReadonlyMap<number, T>, others: ReadonlyMap<number, T>): readonly T[] {
  return [...rows].filter(([id, row]) => others.get(id) !== row).map(([, row]) => row);
}

function keyOfLibrary(tables: Tables, id: LibraryId): KeyOfLibrary | null {
  const library = tables.libraries.get(id)?.name;
  return library === undefined ? null : { library, key: { kind: 'library' } };
}

function keyOfVersion(_tables: Tables, { library, name }: VersionRecord): KeyOfLibrary {
  return { library, key: { kind: 'version', version: name } };
}

function keyOfPage(tables: Tables, { versionId, url }: PageRecord): KeyOfLibrary | null {
  const version = tables.versions.get(versionId);
  if (version === undefined) return null;
  return { library: version.library, key: { kind: 'page', version: version.name, url } };
}
