import { endianness } from 'node:os';
import type { SqliteDriver } from '@switchyard/sqlite-common';
import type { ChunkId, EmbeddingProfile, VersionId } from '@switchyard/storage-core';
import {
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

// The 8-bit codes of a version are stored as a log. An entry says: remove these ids, then add these codes. It stands
// for the changes of some generations, `first` to `last`; the entries of a version, in order, lead to its vectors.
//
// A write of a page appends one small entry. When the small ones at the end are many, or fill a large one, they are
// folded into one, which is the entry that would have come of doing all of it in one transaction. So a reader that stopped
// at any generation, also one in the middle of an entry, goes on by applying all entries that end after it: see
// `applyEntry`.

/** Generations between two looks at whether there is something to fold. */
const LOOK_EVERY = 32;
/** So many small entries are folded, however short they are. */
const MANY_ENTRIES = 96;
/** Blocks are at most so long, so that rewriting, sending and checking one is a small matter. */
export const BLOCK_BYTES = 1_000_000;
/** An entry of this length is not folded any more; small ones are, once they come to it together: mostly only once. */
const FULL_BYTES = BLOCK_BYTES / 2;
/** Blocks of whole fours, one after the other, are loaded fastest. */
const ROWS_TOGETHER = 4;
/** A log is written anew when it holds so many removed vectors, beside a share of those that are there. */
const GARBAGE_ROWS = 1000;
const GARBAGE_SHARE = 0.5;

/** The generation of a table to which no entry was applied. */
export const NOTHING_APPLIED = -1;

/** Does not scan: plain memory is given back sooner than that of WebAssembly. */
const kernel = createKernel({ implementation: 'typescript' });

/** An entry of the log. */
export interface LogEntry {
  readonly id: number;
  readonly first: number;
  readonly last: number;
  /** Ids, see id-list.ts. */
  readonly removed: Uint8Array | null;
  /** Blocks of the kernel. */
  readonly codes: Uint8Array | null;
}

/** Which entry, and how long its codes are. */
export interface StoredEntry {
  readonly id: number;
  readonly bytes: number;
}

/** How much an entry holds: vectors added, ids removed, bytes of codes. */
export interface EntrySize extends StoredEntry {
  readonly first: number;
  readonly last: number;
  readonly vectors: number;
  readonly removed: number;
}

const LITTLE_ENDIAN = endianness() === 'LE';

/**
 * Whether vectors of this space have codes. Longer ones than the kernel takes are searched by the engine, and so is
 * everything on machines whose bytes are in another order.
 */
export function hasCodes({ dimension }: VectorSpace): boolean {
  return dimension <= MAX_DIMENSION && LITTLE_ENDIAN;
}

/**
 * Writes what a transaction did to the vectors of a version, and says that they changed. Belongs into it, at its end.
 *
 * @param before How far the version had come before the transaction.
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
    // Somebody wrote vectors without codes.
    writeGeneration(driver, versionId, { ...before, generation });
    rewriteLog(driver, profile, versionId);
  } else {
    append(driver, profile, versionId, generation, changes);
    writeGeneration(driver, versionId, { ...before, generation, coded: generation });
    if (generation % LOOK_EVERY === 0) fold(driver, profile, versionId);
  }
}

/**
 * Writes the log of a version anew from its vectors, in as few blocks as possible. For writers of vectors that leave
 * the log behind, such as a conversion, and for repairs. Must run in a write transaction.
 */
export function rewriteLog(driver: SqliteDriver, profile: EmbeddingProfile, versionId: VersionId): void {
  const { generation } = readGeneration(driver, versionId);
  // A new number, since readers may have seen something else under the present one.
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

/** Writes every log of the store anew from the vectors. Must run in a write transaction. */
export function rewriteAllLogs(driver: SqliteDriver, profile: EmbeddingProfile): void {
  for (const { id } of driver.all<{ id: VersionId }>(sql.VERSIONS)) {
    if (hasCodes(profile)) rewriteLog(driver, profile, id);
    else writeGeneration(driver, id, skipped(readGeneration(driver, id)));
  }
}

/**
 * Brings the log of a version into its shortest form: only what is there, in full blocks. What readers have in memory
 * stays valid, unless they were behind. A log that was left behind is written anew. Must run in a write transaction.
 */
export function compactLog(driver: SqliteDriver, profile: EmbeddingProfile, versionId: VersionId): void {
  const { generation, coded } = readGeneration(driver, versionId);
  if (coded < generation) {
    rewriteLog(driver, profile, versionId);
    return;
  }
  const { table } = takeOut(driver, profile, entrySizes(driver, versionId));
  writeTable(driver, versionId, table, { first: 0, last: generation, removed: null });
  writeGeneration(driver, versionId, { generation, coded, base: generation });
}

/** The versions that have a log of codes; none without a profile. */
export function versionsWithLogs(
  driver: SqliteDriver,
  profile: EmbeddingProfile | null,
): readonly VersionId[] {
  if (profile === null || !hasCodes(profile)) return [];
  return driver.all<{ id: VersionId }>(sql.VERSIONS).map(({ id }) => id);
}

/** {@link compactLog} unless the log is in that form already. Must run in a write transaction. */
export function compactVersion(driver: SqliteDriver, profile: EmbeddingProfile, versionId: VersionId): void {
  const { generation, coded } = readGeneration(driver, versionId);
  const sizes = entrySizes(driver, versionId);
  const isShort =
    coded === generation &&
    sizes.every(({ removed }) => removed === 0) &&
    sizes.filter(({ bytes }) => bytes < FULL_BYTES).length <= 2; // the last block, and the rows that fill no four
  if (!isShort) compactLog(driver, profile, versionId);
}

/** The entries that a reader at `generation` has to apply, in order. */
export function entriesAfter(
  driver: SqliteDriver,
  versionId: VersionId,
  generation: number,
): Generator<LogEntry, void, undefined> {
  return readEntries(driver, driver.all<StoredEntry>(sql.ENTRIES_AFTER, [versionId, generation]));
}

/** What the entries of a version hold, in the order in which they are applied, without reading them. */
export function entrySizes(driver: SqliteDriver, versionId: VersionId): EntrySize[] {
  return driver.all<EntrySize>(sql.ENTRY_SIZES, [versionId]);
}

/**
 * Reads entries, in the order in which they are given: small ones many at once, large ones one at a time, since together
 * they may be hundreds of megabytes.
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
 * Applies an entry to a table that has come to `generation`, which is before the end of the entry and may be in the
 * middle of it: then some of what the entry adds is already there, with the same codes if it is the same vector.
 *
 * @param verify whether the checksums of the blocks are compared. Writers and audits do; a reader does not, since that
 *   would double the time of its first search.
 * @throws BlockFormatError, RangeError when the log is damaged; the table is then to be thrown away.
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

/** An entry that is not going to be folded is of whole fours, so that the ones after it can be loaded fast. */
function rowsOfEntry(left: number, perBlock: number): number {
  if (left >= perBlock) return perBlock;
  return left > perBlock / 2 ? left - (left % ROWS_TOGETHER) : left;
}

/**
 * Makes one entry of the small ones at the end of the log when they are worth it, or a new log when too much of it is no
 * longer true.
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
  if (length < FULL_BYTES && tail.length < MANY_ENTRIES) return;
  const { table, gone } = takeOut(driver, profile, tail);
  writeTable(driver, versionId, table, { first: oldest.first, last: newest.last, removed: packIds(gone) });
}

/** Takes entries out of the log and says what they come to. */
function takeOut(
  driver: SqliteDriver,
  { dimension, metric }: EmbeddingProfile,
  entries: readonly EntrySize[],
): { readonly table: CodeTable; readonly gone: ReadonlySet<ChunkId> } {
  const table = new CodeTable({ dimension, metric, kernel });
  const gone = new Set<ChunkId>();
  for (const entry of readEntries(driver, entries)) {
    for (const removedId of unpackIds(entry.removed)) gone.add(removedId);
    applyEntry(table, entry, NOTHING_APPLIED, true);
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

/** For vectors without codes: whatever was kept of them is read anew. */
function skipped({ generation, coded }: GenerationState): GenerationState {
  return { generation: generation + 1, coded, base: generation + 1 };
}
