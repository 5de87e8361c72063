import type { SqliteDriver } from '@switchyard/sqlite-common';
import type { ChunkId } from '@switchyard/storage-core';
import { CodeTable, rowsPerBlock } from '@switchyard/vector-kernel';
import type { VectorSpace } from '../profile.js';
import type { VectorSearch } from '../vector-search.js';
import type { Candidates } from './candidates.js';
import { BLOCK_BYTES, entrySizes, readEntries } from './code-log.js';
import { unpackIds } from './id-list.js';

/** Minimum rows per scan; entries are read until they have as many, as each scan starts without a threshold. */
const MIN_ROWS_PER_SCAN = 2048;
/** Maximum hits as a share of the rows of a scan; above it, too many rows would be candidates. */
const MAX_HITS_SHARE = 0.25;

/** Returns true if {@link streamedScan} pays off for this limit. */
export function canStreamScan(limit: number): boolean {
  return limit <= MIN_ROWS_PER_SCAN * MAX_HITS_SHARE;
}

/**
 * Finds the candidates for the nearest vectors of a version by streaming its stored codes through one small table. Takes
 * half the time of loading them all, which the system mostly spends on allocating memory.
 *
 * If vectors were removed or replaced, entries are scanned one by one from the newest to the oldest, so that the removed
 * ids are known when an entry is scanned and no stale vector takes part. The bound of each scan holds for the whole
 * version: the k-th nearest of all is not farther than the k-th nearest of some.
 *
 * @param rows number of vectors of the version
 * @returns Null if the log does not cover every vector.
 * @throws BlockFormatError, RangeError if the log is damaged.
 */
export function streamedScan(
  driver: SqliteDriver,
  { dimension, metric }: VectorSpace,
  { versionId, vector, limit, passing }: VectorSearch,
  rows: number,
): Candidates | null {
  const table = new CodeTable({
    dimension,
    metric,
    capacity: MIN_ROWS_PER_SCAN + rowsPerBlock(dimension, BLOCK_BYTES),
  });
  const found: Found[] = [];
  let bound = Number.POSITIVE_INFINITY;
  let seen = 0;
  const isWanted = isIn(passing);
  const scan = () => {
    const { ids, lowerBounds, upperBound } = table.scan(vector, limit, isWanted);
    bound = Math.min(bound, upperBound);
    for (let i = 0; i < ids.length; i++) {
      const low = lowerBounds[i] as number;
      if (low <= bound) found.push({ id: ids[i] as number, low });
    }
    seen += table.count;
    table.clear();
  };
  const sizes = entrySizes(driver, versionId);
  const isChanged = sizes.some(({ removed }) => removed > 0);
  const gone = new Set<ChunkId>();
  // In ascending order of ids the table needs no id index, so an unchanged log is read forwards.
  for (const { codes, removed } of readEntries(driver, isChanged ? sizes.reverse() : sizes)) {
    if (codes !== null) table.appendBlocks(codes, { verify: false });
    if (gone.size > 0) {
      for (const id of table.ids()) if (gone.has(id)) table.remove(id);
    }
    for (const id of unpackIds(removed)) gone.add(id);
    if (isChanged || table.count >= MIN_ROWS_PER_SCAN) scan();
  }
  scan();
  return seen === rows ? inOrder(found, bound, limit) : null;
}

/** Returns the test of a scan for the chunks that may be hits; undefined for all. */
export function isIn(passing: ReadonlySet<ChunkId> | null): ((id: ChunkId) => boolean) | undefined {
  return passing === null ? undefined : (id) => passing.has(id);
}

interface Found {
  readonly id: ChunkId;
  readonly low: number;
}

/** Sorts by lower bound. The bound of one scan is far above the k-th distance, so only `limit` are promising. */
function inOrder(found: readonly Found[], bound: number, limit: number): Candidates {
  const left = found.filter(({ low }) => low <= bound).sort((a, b) => a.low - b.low || a.id - b.id);
  return {
    ids: Float64Array.from(left, ({ id }) => id),
    lowerBounds: Float64Array.from(left, ({ low }) => low),
    promising: Math.min(limit, left.length),
  };
}
