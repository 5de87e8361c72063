import { MIN_IDF } from '@switchyard/fts-text';
import type { SqliteDriver } from '@switchyard/sqlite-common';
import type { CacheEvent, ChunkId, FtsCacheReport, VersionId } from '@switchyard/storage-core';
import { publish } from '@switchyard/storage-core/backend';
import { BACKEND_NAME } from '../../capabilities.js';
import type { FtsRecords } from '../fts-records.js';
import { type Averages, readAverages, readStructure, type Segment } from '../postings/fts5-records.js';
import { findPhrase } from '../postings/phrase.js';
import type { Postings } from '../postings/postings.js';
import { readPostings } from '../postings/read-postings.js';
import { UnknownFormat } from '../postings/varint.js';
import { readVersionTexts, type VersionTexts } from './version-texts.js';

/** Approximate memory of an id in a set. */
const BYTES_PER_ID = 40;

/** Content, title, url, path. */
const COLUMNS = 4;

/** Log odds that a text lacks a term, by the engine's own arithmetic. ?1 texts, ?2 a JSON array of counts. */
const IDFS = `
  SELECT ln((?1 - value + 0.5) / (value + 0.5)) AS idf FROM json_each(?2) ORDER BY key`;

type Cached = Postings | VersionTexts | ReadonlySet<ChunkId>;

interface Entry<T> {
  readonly value: T;
  readonly bytes: number;
}

/**
 * Cache of posting lists and text lengths, valid while the full-text index is unchanged: after a change by any process,
 * the next search notices it and reads again. The least recently used entries are evicted first.
 */
export class FtsCache {
  readonly #limit: number;
  readonly #kept = new Map<string, Entry<Cached>>();
  #bytes = 0;
  #hits = 0;
  #loads = 0;
  #resets = 0;
  #averagesRecord = new Uint8Array(0);
  #structureRecord = new Uint8Array(0);
  #segments: readonly Segment[] = [];
  #averages: Averages = { rows: 0, tokens: 0 };
  readonly #idfs = new Map<number, number>();

  /** @param limit in bytes; 0 turns the cache off */
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

  /**
   * Clears the cache if the index has changed. The records, and everything below, must be read in one transaction.
   *
   * @throws UnknownFormat
   */
  refresh({ averages, structure }: FtsRecords): Averages {
    if (averages === null || structure === null) throw new UnknownFormat('no records');
    if (
      Buffer.compare(structure, this.#structureRecord) !== 0 ||
      Buffer.compare(averages, this.#averagesRecord) !== 0
    ) {
      const isReset = this.#kept.size > 0;
      this.clear();
      if (isReset) {
        this.#resets += 1;
        this.#publish('reset');
      }
      this.#segments = readStructure(structure);
      this.#averages = readAverages(averages, COLUMNS);
      this.#structureRecord = structure.slice();
      this.#averagesRecord = averages.slice();
    }
    return this.#averages;
  }

  /** Returns the texts of a version if they are cached. */
  cachedTexts(versionId: VersionId): VersionTexts | undefined {
    return this.#kept.get(textsKey(versionId))?.value as VersionTexts | undefined;
  }

  /** Returns the texts of a version; null if it has none, undefined if their ids are too far apart. */
  texts(driver: SqliteDriver, versionId: VersionId): VersionTexts | null | undefined {
    const key = textsKey(versionId);
    const known = this.#use<VersionTexts>(key);
    if (known !== undefined) return known;
    const texts = readVersionTexts(driver, versionId, COLUMNS);
    if (texts != null) this.#keep(key, texts, texts.lengths.byteLength + texts.structural.byteLength);
    return texts;
  }

  /** Returns the chunks of a version that pass a filter: any change of a chunk changes the index, too. */
  passing(versionId: VersionId, filter: string, read: () => ReadonlySet<ChunkId>): ReadonlySet<ChunkId> {
    const key = `filter ${versionId} ${filter}`;
    const known = this.#use<ReadonlySet<ChunkId>>(key);
    if (known !== undefined) return known;
    const passing = read();
    this.#keep(key, passing, (passing.size + 1) * BYTES_PER_ID);
    return passing;
  }

  /** Returns the postings of phrases, each a list of tokens. */
  phrases(driver: SqliteDriver, phrases: readonly (readonly string[])[]): Postings[] {
    const terms = new Map<string, Postings>();
    const missing: string[] = [];
    for (const term of new Set(phrases.flat())) {
      const known = this.#use<Postings>(`term ${term}`);
      if (known === undefined) missing.push(term);
      else terms.set(term, known);
    }
    const read = missing.length === 0 ? [] : readPostings(driver, this.#segments, missing);
    for (const [index, postings] of read.entries()) {
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

  /** Returns the weights of phrases by the number of texts that contain them. */
  idfs(driver: SqliteDriver, counts: readonly number[]): number[] {
    const missing = [...new Set(counts)].filter((count) => !this.#idfs.has(count));
    if (missing.length > 0) {
      const rows = driver.all<{ idf: number }>(IDFS, [this.#averages.rows, JSON.stringify(missing)]);
      for (const [index, { idf }] of rows.entries())
        this.#idfs.set(missing[index] as number, idf <= 0 ? MIN_IDF : idf);
    }
    return counts.map((count) => this.#idfs.get(count) as number);
  }

  #use<T extends Cached>(key: string): T | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    this.#hits += 1;
    // A map iterates in insertion order: the entry used last comes last.
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    return kept.value as T;
  }

  #keep(key: string, value: Cached, bytes: number): void {
    this.#loads += 1;
    if (bytes > this.#limit) return;
    this.#kept.set(key, { value, bytes });
    this.#bytes += bytes;
    this.#publish('load');
    for (const [oldest, { bytes: freed }] of this.#kept) {
      if (this.#bytes <= this.#limit) return;
      this.#kept.delete(oldest);
      this.#bytes -= freed;
      this.#publish('evict');
    }
  }

  #publish(event: CacheEvent['event']): void {
    publish('switchyard:cache', () => ({ backend: BACKEND_NAME, cache: 'fts', event, bytes: this.#bytes }));
  }
}

function textsKey(versionId: VersionId): string {
  return `version ${versionId}`;
}
