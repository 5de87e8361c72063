import type { ChunkRecord, LibraryRecord, PageRecord, VersionRecord } from '@switchyard/storage-core';
import type { SqliteDriver } from '../driver.js';
import { decodeLenient, decodeUtf8 } from '../rows/decode-rows.js';
import { bytes } from '../rows/text-columns.js';
import { distinctTexts, type StoredText } from './distinct-texts.js';

const LIBRARIES = `
  SELECT libraries.id, ${bytes('libraries.name', 'stored')} FROM libraries`;

const VERSIONS = `
  SELECT versions.id, ${bytes('versions.name', 'stored')} FROM versions WHERE versions."library_id" = ?1`;

const PAGES = `
  SELECT pages.id, ${bytes('pages.url', 'stored')} FROM pages WHERE pages.version_id = ?1`;

interface StoredRow {
  readonly id: number;
  readonly stored: Uint8Array | null;
}

/** Replacement for bytes that are not UTF-8. */
const REPLACEMENT = '\ufffd';

/**
 * Public names and URLs of a store that may hold bytes that are not UTF-8: those that became equal by replacement get a
 * number. Only rows with a U+FFFD are examined. Caches rows, so an instance serves one call only.
 */
export class RowNames {
  readonly #driver: SqliteDriver;
  readonly #read = new Map<string, ReadonlyMap<number, string>>();

  constructor(driver: SqliteDriver) {
    this.#driver = driver;
  }

  ofLibrary<T extends Pick<LibraryRecord, 'id' | 'name'>>(record: T): T {
    const name = this.#distinct(record.id, record.name, 'libraries', LIBRARIES, []);
    return name === record.name ? record : { ...record, name };
  }

  ofVersion<T extends Pick<VersionRecord, 'id' | 'name' | 'libraryId' | 'library'>>(record: T): T {
    const { id, libraryId, library: given } = record;
    const library = this.ofLibrary({ id: libraryId, name: given }).name;
    const name = this.#distinct(id, record.name, `versions ${libraryId}`, VERSIONS, [libraryId]);
    return name === record.name && library === given ? record : { ...record, name, library };
  }

  ofPage<T extends Pick<PageRecord, 'id' | 'versionId' | 'url'>>(record: T): T {
    const url = this.#url(record.id, record.versionId, record.url);
    return url === record.url ? record : { ...record, url };
  }

  ofChunk<T extends Pick<ChunkRecord, 'pageId' | 'versionId' | 'url'>>(record: T): T {
    const url = this.#url(record.pageId, record.versionId, record.url);
    return url === record.url ? record : { ...record, url };
  }

  /** Returns the page whose public URL differs from its stored one, or null. */
  findPage(versionId: number, url: string): number | null {
    if (!this.#mayBeReplaced(url)) return null;
    const pages = this.#texts(`pages ${versionId}`, PAGES, [versionId], false);
    return [...pages].find(([, text]) => text === url)?.[0] ?? null;
  }

  #url(id: number, versionId: number, url: string): string {
    return this.#distinct(id, url, `pages ${versionId}`, PAGES, [versionId]);
  }

  #distinct(id: number, text: string, key: string, statement: string, parameters: readonly number[]): string {
    if (!this.#mayBeReplaced(text)) return text;
    return this.#texts(key, statement, parameters, statement !== PAGES).get(id) ?? text;
  }

  #mayBeReplaced(text: string): boolean {
    return this.#driver.illFormedText === 'replace' && text.includes(REPLACEMENT);
  }

  #texts(
    key: string,
    statement: string,
    parameters: readonly number[],
    isName: boolean,
  ): ReadonlyMap<number, string> {
    const known = this.#read.get(key);
    if (known !== undefined) return known;
    const rows = this.#driver.all<StoredRow>(statement, parameters);
    const texts = distinctTexts(rows.map((row) => toStoredText(row, isName)));
    this.#read.set(key, texts);
    return texts;
  }
}

function toStoredText({ id, stored }: StoredRow, isName: boolean): StoredText {
  const value = stored ?? new Uint8Array(0);
  const sound = decodeUtf8(value);
  const text = sound ?? decodeLenient(value);
  return { id, text: isName ? text.toLowerCase() : text, isReplaced: sound === null };
}
