import { endianness } from 'node:os';
import type { SqliteDriver } from '@switchyard/sqlite-common';
import type { ChunkId, EmbeddingProfile, VersionId } from '@switchyard/storage-core';
import {
  BlockFormatError,
  CodeTable,
  createKernel,
  MAX_DIMENSION,
  quantizeRows,
  rowsPerBlock,
} from '@switchyard/vector-kernel';
import { type GenerationState, readGeneration, writeGeneration } from '../generations.js';
import type { VectorSpace } from '../profile.js';
import * as sql from './code-statements.js';
import { eachBatch } from './each-batch.js';
import { packIds, unpackIds } from './id-list.js';
import type { VectorChanges } from './vector-changes.js';

// The 8-bit codes of a version are stored as a log. An entry removes ids, then adds codes. It covers the changes of the
// generations `first` to `last`; applying the entries of a version in order yields its vectors.
//
// A write of a page appends one small entry. Small entries at the end are folded into one when they are many or fill a
// large one. The result is the entry that a single transaction would have written, so a reader that stopped at any
// generation, even in the middle of an entry, continues by applying all entries that end after it: see `applyEntry`.

/** Generations between two checks for entries to fold. */
const FOLD_CHECK_INTERVAL = 32;
/** Maximum number of small entries; as many are folded, however short they are. */
const MAX_SMALL_ENTRIES = 96;
/** Maximum block size in bytes; keeps rewriting, sending and checking one cheap. */
export const BLOCK_BYTES = 1_000_000;
/** Size in bytes from which an entry is no longer folded; smaller ones are once they reach it together. */
const FULL_BYTES = BLOCK_BYTES / 2;
/** Consecutive blocks load fastest if their numbers of rows are multiples of this. */
const ROWS_TOGETHER = 4;
/** A log is compacted when the removed vectors exceed this number plus a share of the existing ones. */
const GARBAGE_ROWS = 1000;
const GARBAGE_SHARE = 0.5;

/** Generation of a table to which no entry was applied. */
export const NOTHING_APPLIED = -1;

/** Not used for scans: plain memory is freed sooner than that of WebAssembly. */
const kernel = createKernel({ implementation: 'typescript' });

/** Entry of a code log. */
export interface LogEntry {
  readonly id: number;
  readonly first: number;
  readonly last: number;
  /** Ids: see id-list.ts. */
  readonly removed: Uint8Array | null;
  /** Blocks of the kernel. */
  readonly codes: Uint8Array | null;
}

/** Id of an entry, and the size of its codes in bytes. */
export interface StoredEntry {
  readonly id: number;
  readonly bytes: number;
}

/** Size of an entry: vectors added, ids removed, bytes of codes. */
export interface EntrySize extends StoredEntry {
  readonly first: number;
  readonly last: number;
  readonly vectors: number;
  readonly removed: number;
}

const LITTLE_ENDIAN = endianness() === 'LE';

/**
 * Returns true if vectors of this space have codes. The engine searches those that are longer than the kernel accepts, and
 * all vectors on big-endian machines.
 */
export function hasCodes({ dimension }: VectorSpace): boolean {
  return dimension <= MAX_DIMENSION && LITTLE_ENDIAN;
}

/**
 * Writes the codes of the changes of a transaction to a version, and its new generation. Must run at its end.
 *
 * @param before state of the version before the transaction
 */
export function recordChanges(
  driver: SqliteDriver,
  profile: EmbeddingProfile,
  versionId: VersionId,
  changes: VectorChanges,
  before: GenerationState,
): void {
  if (changes.isEmpty) return;
  const generation = before.generation + 1;
  if (!hasCodes(profile)) {
    writeGeneration(driver, versionId, { ...before, generation });
  } else if (changes.cleared) {
    driver.run(sql.DELETE_LOG, [versionId]);
    writeGeneration(driver, versionId, { generation, coded: generation, base: generation });
    append(driver, profile, versionId, generation, changes);
  } else if (before.coded < before.generation) {
    // Vectors were written without codes.
    writeGeneration(driver, versionId, { ...before, generation });
    rewriteLog(driver, profile, versionId);
  } else {
    append(driver, profile, versionId, generation, changes);
    writeGeneration(driver, versionId, { ...before, generation, coded: generation });
    if (generation % FOLD_CHECK_INTERVAL === 0) fold(driver, profile, versionId);
  }
}

/**
 * Rewrites the log of a version from its vectors, in as few blocks as possible. For writers that leave the log behind,
 * such as a conversion, and for repairs. Must run in a write transaction.
 */
export function rewriteLog(driver: SqliteDriver, profile: EmbeddingProfile, versionId: VersionId): void {
  const { generation } = readGeneration(driver, versionId);
  // A new number, because readers may have cached something else under the current one.
  const next = generation + 1;
  driver.run(sql.DELETE_LOG, [versionId]);
  for (const { ids, vectors } of eachBatch(
    driver,
    profile,
    versionId,
    rowsPerBlock(profile.dimension, BLOCK_BYTES),
  )) {
    const codes = quantizeRows(ids, vectors, profile.dimension, profile.metric);
    driver.run(sql.INSERT_ENTRY, [versionId, 0, next, ids.length, null, codes]);
  }
  writeGeneration(driver, versionId, { generation: next, coded: next, base: next });
}

/** Rewrites every log of the store from the vectors. Must run in a write transaction. */
export function rewriteAllLogs(driver: SqliteDriver, profile: EmbeddingProfile): void {
  for (const { id } of driver.all<{ id: VersionId }>(sql.VERSIONS)) {
    if (hasCodes(profile)) rewriteLog(driver, profile, id);
    else writeGeneration(driver, id, skipped(readGeneration(driver, id)));
  }
}

/**
 * Compacts the log of a version: only existing vectors, in full blocks. Caches of readers stay valid, unless they were
 * behind. A log that was left behind or is damaged is rewritten. Must run in a write transaction.
 */
export function compactLog(driver: SqliteDriver, profile: EmbeddingProfile, versionId: VersionId): void {
  const { generation, coded } = readGeneration(driver, versionId);
  if (coded < generation) {
    rewriteLog(driver, profile, versionId);
    return;
  }
  const all = takeOut(driver, profile, entrySizes(driver, versionId));
  if (all === null) {
    rewriteLog(driver, profile, versionId);
    return;
  }
  writeTable(driver, versionId, all.table, { first: 0, last: generation, removed: null });
  writeGeneration(driver, versionId, { generation, coded, base: generation });
}

/** Returns the versions that have a code log; none without a profile. */
export function versionsWithLogs(
  driver: SqliteDriver,
  profile: EmbeddingProfile | null,
): readonly VersionId[] {
  if (profile === null || !hasCodes(profile)) return [];
  return driver.all<{ id: VersionId }>(sql.VERSIONS).map(({ id }) => id);
}

/** {@link compactLog}, unless the log is already compact. Must run in a write transaction. */
export function compactVersion(driver: SqliteDriver, profile: EmbeddingProfile, versionId: VersionId): void {
  const { generation, coded } = readGeneration(driver, versionId);
  const sizes = entrySizes(driver, versionId);
  const isCompact =
    coded === generation &&
    sizes.every(({ removed }) => removed === 0) &&
    sizes.filter(({ bytes }) => bytes < FULL_BYTES).length <= 2; // the last block, and the rows that are not a multiple of four
  if (!isCompact) compactLog(driver, profile, versionId);
}

/** Returns the entries that a reader at `generation` must apply, in order. */
export function entriesAfter(
  driver: SqliteDriver,
  versionId: VersionId,
  generation: number,
): Generator<LogEntry, void, undefined> {
  return readEntries(driver, driver.all<StoredEntry>(sql.ENTRIES_AFTER, [versionId, generation]));
}

/** Returns the sizes of the entries of a version, in the order in which they are applied, without reading them. */
export function entrySizes(driver: SqliteDriver, versionId: VersionId): EntrySize[] {
  return driver.all<EntrySize>(sql.ENTRY_SIZES, [versionId]);
}

/**
 * Reads entries in the given order: small ones many at a time, large ones one at a time, since together they may be
 * hundreds of megabytes.
 */
export function* readEntries(
  driver: SqliteDriver,
  entries: readonly StoredEntry[],
): Generator<LogEntry, void, undefined> {
  for (let from = 0; from < entries.length; ) {
    const ids: number[] = [];
    for (let bytes = 0; from < entries.length && (ids.length === 0 || bytes < FULL_BYTES); from++) {
      const entry = entries[from] as StoredEntry;
      ids.push(entry.id);
      bytes += entry.bytes;
    }
    const read = new Map(
      driver.all<LogEntry>(sql.ENTRIES, [JSON.stringify(ids)]).map((entry) => [entry.id, entry]),
    );
    for (const id of ids) {
      const entry = read.get(id);
      if (entry !== undefined) yield entry;
    }
  }
}

/**
 * Applies an entry to a table at `generation`, which is before the end of the entry and may be in the middle of it. Some of
 * the added rows then exist already, with the same codes if the vector is the same.
 *
 * @param verify compares the checksums of the blocks. Writers and audits do; readers do not, because it would double the
 *   time of their first search.
 * @throws BlockFormatError, RangeError if the log is damaged; the table must then be discarded.
 */
export function applyEntry(table: CodeTable, entry: LogEntry, generation: number, verify: boolean): void {
  for (const id of unpackIds(entry.removed)) table.remove(id);
  if (entry.codes === null) return;
  if (entry.first <= generation) for (const id of idsOf(entry.codes, table)) table.remove(id);
  table.appendBlocks(entry.codes, { verify });
}

function append(
  driver: SqliteDriver,
  { dimension, metric }: EmbeddingProfile,
  versionId: VersionId,
  generation: number,
  { removed, added }: VectorChanges,
): void {
  const perBlock = rowsPerBlock(dimension, BLOCK_BYTES);
  const ids = [...added.keys()];
  const vectors = [...added.values()];
  let remove = packIds(removed);
  for (let from = 0; from < ids.length; ) {
    const to = from + rowsOfEntry(ids.length - from, perBlock);
    const part = ids.slice(from, to);
    const codes = quantizeRows(part, vectors.slice(from, to), dimension, metric);
    from = to;
    driver.run(sql.INSERT_ENTRY, [versionId, generation, generation, part.length, remove, codes]);
    remove = null;
  }
  if (remove !== null) driver.run(sql.INSERT_ENTRY, [versionId, generation, generation, 0, remove, null]);
}

/** Returns the number of rows of the next entry; a multiple of four if it will not be folded, so that later ones load fast. */
function rowsOfEntry(left: number, perBlock: number): number {
  if (left >= perBlock) return perBlock;
  return left > perBlock / 2 ? left - (left % ROWS_TOGETHER) : left;
}

/**
 * Folds the small entries at the end of the log into one if there are enough of them, or compacts the log if it contains
 * too many removed vectors.
 */
function fold(driver: SqliteDriver, profile: EmbeddingProfile, versionId: VersionId): void {
  const sizes = entrySizes(driver, versionId);
  const removed = sizes.reduce((sum, entry) => sum + entry.removed, 0);
  const present = sizes.reduce((sum, entry) => sum + entry.vectors, 0) - removed;
  if (removed > GARBAGE_ROWS + present * GARBAGE_SHARE) {
    compactLog(driver, profile, versionId);
    return;
  }
  const tail = sizes.slice(sizes.findLastIndex(({ bytes }) => bytes >= FULL_BYTES) + 1);
  const [oldest, newest] = [tail[0], tail.at(-1)];
  if (oldest === undefined || newest === undefined || tail.length < 2) return;
  const length = tail.reduce((sum, { bytes }) => sum + bytes, 0);
  if (length < FULL_BYTES && tail.length < MAX_SMALL_ENTRIES) return;
  const taken = takeOut(driver, profile, tail);
  if (taken === null) {
    rewriteLog(driver, profile, versionId);
    return;
  }
  const { table, gone } = taken;
  writeTable(driver, versionId, table, { first: oldest.first, last: newest.last, removed: packIds(gone) });
}

/** Removes entries from the log and returns their net effect. Returns null and removes nothing if one is damaged. */
function takeOut(
  driver: SqliteDriver,
  { dimension, metric }: EmbeddingProfile,
  entries: readonly EntrySize[],
): { readonly table: CodeTable; readonly gone: ReadonlySet<ChunkId> } | null {
  const table = new CodeTable({ dimension, metric, kernel });
  const gone = new Set<ChunkId>();
  try {
    for (const entry of readEntries(driver, entries)) {
      for (const removedId of unpackIds(entry.removed)) gone.add(removedId);
      applyEntry(table, entry, NOTHING_APPLIED, true);
    }
  } catch (error) {
    // Codes are derived from the vectors, so a damaged block costs a rewrite and no write fails because of it.
    if (error instanceof BlockFormatError || error instanceof RangeError) return null;
    throw error;
  }
  driver.run(sql.DELETE_ENTRIES, [JSON.stringify(entries.map(({ id }) => id))]);
  return { table, gone };
}

function writeTable(
  driver: SqliteDriver,
  versionId: VersionId,
  table: CodeTable,
  { first, last, removed }: Pick<LogEntry, 'first' | 'last' | 'removed'>,
): void {
  const perBlock = rowsPerBlock(table.dimension, BLOCK_BYTES);
  const rest = table.count % ROWS_TOGETHER;
  let left = table.count - rest;
  let remove = removed;
  for (const codes of table.serialize({ maxBytes: BLOCK_BYTES })) {
    const vectors = left > 0 ? Math.min(perBlock, left) : rest;
    driver.run(sql.INSERT_ENTRY, [versionId, first, last, vectors, remove, codes]);
    left -= vectors;
    remove = null;
  }
  if (remove !== null) driver.run(sql.INSERT_ENTRY, [versionId, first, last, 0, remove, null]);
}

function idsOf(codes: Uint8Array, { dimension, metric }: CodeTable): Float64Array {
  return CodeTable.load([codes], { dimension, metric, kernel }).ids();
}

/** Returns the next state of vectors without codes, at which everything cached of them is outdated. */
function skipped({ generation, coded }: GenerationState): GenerationState {
  return { generation: generation + 1, coded, base: generation + 1 };
}
