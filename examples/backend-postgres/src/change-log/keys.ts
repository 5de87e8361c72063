import type { LogKey } from '@switchyard/storage-core/backend';

/** A key and its library. */
export interface KeyOfLibrary {
  readonly library: string;
  readonly key: LogKey;
}

/** Names of a row, as statements return them. */
export interface NamesRow {
  readonly library: string;
  readonly version?: string | null;
  readonly url?: string | null;
}

/** Converts names to the key of the innermost row. */
export function toKey({ library, version = null, url = null }: NamesRow): KeyOfLibrary {
  if (version === null) return { library, key: { kind: 'library' } };
  if (url === null) return { library, key: { kind: 'version', version } };
  return { library, key: { kind: 'page', version, url } };
}

/** Returns the text of a key within its library. */
export function keyText(key: LogKey): string {
  const { kind, version, url } = { version: null, url: null, ...key };
  return JSON.stringify([kind, version, url]);
}

/** Returns the text of a key within the store. */
export function fullText({ library, key }: KeyOfLibrary): string {
  return JSON.stringify([library, keyText(key)]);
}

/** Returns true if deleting the row of one key deletes that of another. */
export function isAbove(outer: KeyOfLibrary, inner: KeyOfLibrary): boolean {
  if (outer.library !== inner.library || inner.key.kind === 'library') return false;
  if (outer.key.kind === 'library') return true;
  return outer.key.kind === 'version' && inner.key.kind === 'page' && outer.key.version === inner.key.version;
}
