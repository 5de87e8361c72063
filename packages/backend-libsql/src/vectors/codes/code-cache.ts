import type { SqliteDriver } from '@switchyard/sqlite-common';
import type { CacheEvent, VectorCacheReport, VersionId } from '@switchyard/storage-core';
import { publish } from '@switchyard/storage-core/backend';
import { BlockFormatError, CodeTable } from '@switchyard/vector-kernel';
import { BACKEND_NAME } from '../../capabilities.js';
import type { GenerationState } from '../generations.js';
import { KeptVectors } from '../kept-vectors.js';
import type { VectorSpace } from '../profile.js';
import type { VectorSearch } from '../vector-search.js';
import { type Candidates, candidatesOf } from './candidates.js';
import { applyEntry, BLOCK_BYTES, entriesAfter, hasCodes, NOTHING_APPLIED } from './code-log.js';
import { COUNT_VECTORS } from './code-statements.js';
import { eachBatch } from './each-batch.js';
import { canStreamScan, isIn, streamedScan } from './streamed-scan.js';

/** Codes of one version in memory, and the vectors at the same generation if there is room for them. */
interface CachedVersion {
  readonly table: CodeTable;
  readonly generation: number;
  readonly vectors: KeptVectors | null;
}

/** Bytes per row that the kernel keeps in addition to its codes. */
const BYTES_BESIDE_CODES = 20;
const CODES_ROUNDED_TO = 16;

/**
 * Size in bytes above which a version is cached only at its second search. The first one streams the stored codes, in half
 * the time: a command that searches once allocates no memory and evicts nothing.
 */
const KEPT_AT_ONCE = 32 * 2 ** 20;

/** Share of the cache that the vectors of one version may take. Those of larger versions are fetched for every search. */
const VECTORS_SHARE = 1 / 8;

/**
 * Cache of the codes of the versions searched last, with a size limit. Results are valid for the vectors in the current
 * read transaction, whatever process changed them.
 */
export class CodeCache {
  readonly #limit: number;
  readonly #keptAtOnce: number;
  /** The version used last comes last. */
  readonly #versions = new Map<VersionId, CachedVersion>();
  /** Size of each cached version in bytes, and their sum. */
  readonly #bytesOf = new Map<VersionId, number>();
  #bytes = 0;
  /** Versions larger than the limit, with the generation at which that was found. */
  readonly #tooLarge = new Map<VersionId, number>();
  /** Versions that were searched while they were not cached. */
  readonly #asked = new Set<VersionId>();
  readonly #counts = { hits: 0, updates: 0, loads: 0, streamedScans: 0, evictions: 0, refusals: 0 };

  /**
   * @param limit in bytes; 0 turns the cache off
   * @param keptAtOnce maximum size in bytes of a version that is cached at its first search. Default 32 MiB.
   */
  constructor(limit: number, keptAtOnce = KEPT_AT_ONCE) {
    this.#limit = limit;
    this.#keptAtOnce = keptAtOnce;
  }

  /** True if nothing is cached: the engine searches. */
  get isOff(): boolean {
    return this.#limit === 0;
  }

  /** Returns the usage of the cache since it was created. */
  report(): VectorCacheReport {
    return { limit: this.#limit, bytes: this.#bytes, versions: this.#versions.size, ...this.#counts };
  }

  /**
   * Returns the vectors that can be among the nearest of a version; null if the engine must search. Must run in a read
   * transaction.
   */
  scan(driver: SqliteDriver, space: VectorSpace, search: VectorSearch): Candidates | null {
    if (this.isOff || !hasCodes(space)) return null;
    const { versionId, generations: state } = search;
    const current = this.#current(driver, space, versionId, state);
    if (current !== null) return scanTable(current, search);

    this.drop(versionId);
    const rows = driver.first<{ n: number }>(COUNT_VECTORS, [versionId])?.n ?? 0;
    const bytes = bytesOfRows(rows, space.dimension);
    const tooLarge = bytes > this.#limit || this.#tooLarge.get(versionId) === state.generation;
    const isFirst = bytes > this.#keptAtOnce && !this.#asked.has(versionId);
    this.#asked.add(versionId);
    if (tooLarge || isFirst) {
      const streamed = this.#stream(driver, space, search, state, rows);
      if (tooLarge) this.#count('refusals', 'refuse');
      if (tooLarge || streamed !== null) return streamed;
    }
    const loaded = this.#load(driver, space, versionId, state, rows);
    return loaded === null ? null : scanTable(loaded, search);
  }

  /** Streams the stored codes. Returns null if they are incomplete or the limit is too large to stream. */
  #stream(
    driver: SqliteDriver,
    space: VectorSpace,
    search: VectorSearch,
    { generation, coded }: GenerationState,
    rows: number,
  ): Candidates | null {
    if (coded !== generation || !canStreamScan(search.limit)) return null;
    const found = whenSound(() => streamedScan(driver, space, search, rows), null);
    if (found !== null) this.#counts.streamedScans += 1;
    return found;
  }

  /** Returns the vectors of a version that are kept, in the state of the last {@link scan}; null if none are. */
  keptVectors(versionId: VersionId): KeptVectors | null {
    return this.#versions.get(versionId)?.vectors ?? null;
  }

  /** Removes a version whose cached codes are outdated. */
  drop(versionId: VersionId): void {
    this.#versions.delete(versionId);
    this.#bytes -= this.#bytesOf.get(versionId) ?? 0;
    this.#bytesOf.delete(versionId);
  }

  /** Returns the cached codes, brought up to date if possible. */
  #current(
    driver: SqliteDriver,
    space: VectorSpace,
    versionId: VersionId,
    state: GenerationState,
  ): CachedVersion | null {
    const known = this.#versions.get(versionId);
    if (known === undefined || !isOf(space, known.table)) return null;
    if (known.generation === state.generation) {
      this.#counts.hits += 1;
      return this.#put(versionId, { ...known, vectors: known.vectors ?? this.#roomForVectors(space, known) });
    }
    if (!canFollow(state, known.generation) || !follow(driver, versionId, known)) return null;
    const updated = this.#keep(versionId, known.table, state.generation);
    this.#count('updates', 'update');
    return updated;
  }

  #load(
    driver: SqliteDriver,
    space: VectorSpace,
    versionId: VersionId,
    state: GenerationState,
    rows: number,
  ): CachedVersion | null {
    this.#tooLarge.delete(versionId);
    // Room is made first, so that memory never exceeds the limit by much.
    this.#makeRoom(bytesOfRows(rows, space.dimension));
    const table = loadLog(driver, space, versionId, state, rows) ?? quantize(driver, space, versionId, rows);
    if (table === null) {
      this.#count('refusals', 'refuse');
      return null;
    }
    const loaded = this.#keep(versionId, table, state.generation);
    this.#count('loads', 'load');
    return loaded;
  }

  /** Caches a version as the one used last, unless it exceeds the limit by itself. */
  #keep(versionId: VersionId, table: CodeTable, generation: number): CachedVersion {
    this.drop(versionId);
    const bytes = table.byteLength;
    if (bytes > this.#limit) {
      this.#tooLarge.set(versionId, generation);
      this.#count('evictions', 'evict');
      return { table, generation, vectors: null };
    }
    this.#makeRoom(bytes);
    return this.#put(versionId, { table, generation, vectors: null });
  }

  /** A map iterates in insertion order: the version used last comes last. */
  #put(versionId: VersionId, version: CachedVersion): CachedVersion {
    this.drop(versionId);
    const bytes = version.table.byteLength + (version.vectors?.byteLength ?? 0);
    this.#versions.set(versionId, version);
    this.#bytesOf.set(versionId, bytes);
    this.#bytes += bytes;
    return version;
  }

  /**
   * Returns an empty store for the vectors of a version that is searched again without having changed. Null if codes leave
   * no room for it.
   */
  #roomForVectors(space: VectorSpace, { table }: CachedVersion): KeptVectors | null {
    const bytes = KeptVectors.bytesFor(space.dimension, table.count);
    if (bytes > Math.min(this.#limit - this.#bytes, this.#limit * VECTORS_SHARE)) return null;
    return whenSound(() => new KeptVectors(space, table.count), null);
  }

  #count(count: 'updates' | 'loads' | 'evictions' | 'refusals', event: CacheEvent['event']): void {
    this.#counts[count] += 1;
    publish('switchyard:cache', () => ({
      backend: BACKEND_NAME,
      cache: 'vectors',
      event,
      bytes: this.#bytes,
    }));
  }

  /** Releases vectors first, because codes take less memory and save more time. */
  #makeRoom(wanted: number): void {
    const isEnough = () => this.#bytes + wanted <= this.#limit;
    for (const [versionId, version] of this.#versions) {
      if (isEnough()) return;
      if (version.vectors !== null) this.#forgetVectors(versionId, version);
    }
    for (const versionId of this.#versions.keys()) {
      if (isEnough()) return;
      this.drop(versionId);
      this.#count('evictions', 'evict');
    }
  }

  /** Keeps the place of the version among those that were used. */
  #forgetVectors(versionId: VersionId, version: CachedVersion): void {
    const bytes = version.table.byteLength;
    this.#bytes -= (this.#bytesOf.get(versionId) ?? 0) - bytes;
    this.#bytesOf.set(versionId, bytes);
    this.#versions.set(versionId, { ...version, vectors: null });
  }
}

function scanTable({ table }: CachedVersion, { vector, limit, passing }: VectorSearch): Candidates {
  return candidatesOf(table.scan(vector, limit, isIn(passing)), limit);
}

function isOf({ dimension, metric }: VectorSpace, table: CodeTable): boolean {
  return table.dimension === dimension && table.metric === metric;
}

function bytesOfRows(rows: number, dimension: number): number {
  return rows * (Math.ceil(dimension / CODES_ROUNDED_TO) * CODES_ROUNDED_TO + BYTES_BESIDE_CODES);
}

function canFollow({ generation, coded, base }: GenerationState, from: number): boolean {
  return coded === generation && from >= base;
}

/** Applies later log entries. Returns false if the log is damaged; the table must then be discarded. */
function follow(driver: SqliteDriver, versionId: VersionId, { table, generation }: CachedVersion): boolean {
  return whenSound(() => {
    for (const entry of entriesAfter(driver, versionId, generation))
      applyEntry(table, entry, generation, false);
    return true;
  }, false);
}

/** Loads the code log into a table. Returns null if the log is damaged or does not cover every vector. */
function loadLog(
  driver: SqliteDriver,
  { dimension, metric }: VectorSpace,
  versionId: VersionId,
  { generation, coded }: GenerationState,
  rows: number,
): CodeTable | null {
  if (coded !== generation) return null;
  return whenSound(() => {
    const table = new CodeTable({ dimension, metric, capacity: rows });
    for (const entry of entriesAfter(driver, versionId, NOTHING_APPLIED)) {
      applyEntry(table, entry, NOTHING_APPLIED, false);
    }
    return table.count === rows ? table : null;
  }, null);
}

/** Quantizes the vectors themselves. Returns null if there is not enough memory. */
function quantize(
  driver: SqliteDriver,
  space: VectorSpace,
  versionId: VersionId,
  rows: number,
): CodeTable | null {
  const { dimension, metric } = space;
  const perBatch = Math.max(1, Math.floor(BLOCK_BYTES / dimension));
  return whenSound(() => {
    const table = new CodeTable({ dimension, metric, capacity: rows });
    for (const { ids, vectors } of eachBatch(driver, space, versionId, perBatch)) table.append(ids, vectors);
    return table;
  }, null);
}

/**
 * Runs work and returns the fallback if the log is damaged or there is not enough memory. Both cost time but no results,
 * since the vectors are there; the audit reports a damaged log.
 */
function whenSound<T>(work: () => T, fallback: T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof BlockFormatError || error instanceof RangeError) return fallback;
    throw error;
  }
}
