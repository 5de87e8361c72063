import { bytes, type SqliteDriver } from '@switchyard/sqlite-common';
import type { FtsCacheReport, VersionId } from '@switchyard/storage-core';
import { type Averages, readAverages, readStructure, type Segment } from '../postings/fts5-records.js';
import { findPhrase } from '../postings/phrase.js';
import type { Postings } from '../postings/postings.js';
import { readPostings } from '../postings/read-postings.js';
import { UnknownFormat } from '../postings/varint.js';
import { readVersionTexts, type VersionTexts } from './version-texts.js';

/** Content, title, url, path. */
const COLUMNS = 4;

/** The averages and the structure of the index, which every change of it changes. */
const RECORDS = `
  SELECT id, ${bytes('block')} FROM documents_fts_data WHERE id IN (1, 10) ORDER BY id`;

/** Log of the odds that a text lacks a term, by the engine's own arithmetic. ?1 texts, ?2 a JSON array of counts. */
const IDFS = `
  SELECT ln((?1 - value + 0.5) / (value + 0.5)) AS idf FROM json_each(?2) ORDER BY key`;

/** What the engine takes where that is not positive: for terms that half of the texts have. */
const LEAST_IDF = 1e-6;

interface Kept<T> {
  readonly value: T;
  readonly bytes: number;
}

/**
 * What was read of the full-text index, as long as the index stays as it is: whatever process changes it, the next search
 * sees so and reads anew. Within its limit, what was not used for longest goes first.
 */
export class FtsCache {
  readonly #limit: number;
  readonly #kept = new Map<string, Kept<Postings | VersionTexts>>();
  #bytes = 0;
  #hits = 0;
  #loads = 0;
  #resets = 0;
  #averagesRecord = new Uint8Array(0);
  #structureRecord = new Uint8Array(0);
  #segments: readonly Segment[] = [];
  #averages: Averages = { rows: 0, tokens: 0 };
  readonly #idfs = new Map<number, number>();

  /** @param limit In bytes. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get isOff(): boolean {
    return this.#limit === 0;
  }

  report(): Omit<FtsCacheReport, 'refusals'> {
    return {
      limit: this.#limit,
      bytes: this.#bytes,
      entries: this.#kept.size,
      hits: this.#hits,
      loads: this.#loads,
      resets: this.#resets,
    };
  }

  clear(): void {
    this.#kept.clear();
    this.#idfs.clear();
    this.#bytes = 0;
    this.#structureRecord = new Uint8Array(0);
  }

  /** Notices changes of the index. Everything below belongs into the same read transaction. */
  refresh(driver: SqliteDriver): Averages {
    const [averages, structure] = driver.all<{ id: number; block: Uint8Array }>(RECORDS);
    if (averages === undefined || structure === undefined) throw new UnknownFormat('no records');
    if (
      Buffer.compare(structure.block, this.#structureRecord) !== 0 ||
      Buffer.compare(averages.block, this.#averagesRecord) !== 0
    ) {
      if (this.#kept.size > 0) this.#resets += 1;
      this.clear();
      this.#segments = readStructure(structure.block);
      this.#averages = readAverages(averages.block, COLUMNS);
      this.#structureRecord = structure.block.slice();
      this.#averagesRecord = averages.block.slice();
    }
    return this.#averages;
  }

  /** Undefined when the ids of the version are too far apart. */
  texts(driver: SqliteDriver, versionId: VersionId): VersionTexts | null | undefined {
    const key = `version ${versionId}`;
    const known = this.#use<VersionTexts>(key);
    if (known !== undefined) return known;
    const texts = readVersionTexts(driver, versionId, COLUMNS);
    if (texts != null) this.#keep(key, texts, texts.lengths.byteLength + texts.structural.byteLength);
    return texts;
  }

  /** Where phrases stand, each a list of tokens. */
  phrases(driver: SqliteDriver, phrases: readonly (readonly string[])[]): Postings[] {
    const terms = new Map<string, Postings>();
    const missing: string[] = [];
    for (const term of new Set(phrases.flat())) {
      const known = this.#use<Postings>(`term ${term}`);
      if (known === undefined) missing.push(term);
      else terms.set(term, known);
    }
    for (const [index, postings] of readPostings(driver, this.#segments, missing).entries()) {
      const term = missing[index] as string;
      terms.set(term, postings);
      this.#keep(`term ${term}`, postings, postings.size);
    }
    return phrases.map((phrase) => {
      if (phrase.length === 1) return terms.get(phrase[0] as string) as Postings;
      const key = `phrase ${phrase.join(' ')}`;
      const known = this.#use<Postings>(key);
      if (known !== undefined) return known;
      const found = findPhrase(phrase.map((term) => terms.get(term) as Postings));
      this.#keep(key, found, found.size);
      return found;
    });
  }

  /** The weights of phrases by the number of texts they stand in. */
  idfs(driver: SqliteDriver, counts: readonly number[]): number[] {
    const missing = [...new Set(counts)].filter((count) => !this.#idfs.has(count));
    if (missing.length > 0) {
      const rows = driver.all<{ idf: number }>(IDFS, [this.#averages.rows, JSON.stringify(missing)]);
      for (const [index, { idf }] of rows.entries())
        this.#idfs.set(missing[index] as number, idf <= 0 ? LEAST_IDF : idf);
    }
    return counts.map((count) => this.#idfs.get(count) as number);
  }

  #use<T extends Postings | VersionTexts>(key: string): T | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    this.#hits += 1;
    // A map keeps the order in which its keys came: what was used last stands last.
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    return kept.value as T;
  }

  #keep(key: string, value: Postings | VersionTexts, bytes: number): void {
    this.#loads += 1;
    if (bytes > this.#limit) return;
    this.#kept.set(key, { value, bytes });
    this.#bytes += bytes;
    for (const [oldest, { bytes: freed }] of this.#kept) {
      if (this.#bytes <= this.#limit) return;
      this.#kept.delete(oldest);
      this.#bytes -= freed;
    }
  }
}
