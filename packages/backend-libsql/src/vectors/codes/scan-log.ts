import type { SqliteDriver } from '@switchyard/sqlite-common';
import type { ChunkId } from '@switchyard/storage-core';
import { CodeTable, rowsPerBlock } from '@switchyard/vector-kernel';
import type { VectorSpace } from '../profile.js';
import type { VectorSearch } from '../vector-searcher.js';
import type { Candidates } from './candidates.js';
import { BLOCK_BYTES, entries, entrySizes } from './code-log.js';
import { unpackIds } from './id-list.js';

/** Entries are scanned together until they have so many rows: each scan has to find out anew what is near. */
const ROWS_TOGETHER = 2048;
/** With more hits than this share of them, too many rows of each scan would be candidates. */
const MOST_HITS = 0.25;

/** Whether {@link scanLog} is worth while for so many hits. */
export function canScanLog(limit: number): boolean {
  return limit <= ROWS_TOGETHER * MOST_HITS;
}

/**
 * What can be among the nearest vectors of a version, from its stored codes, some entries at a time, each time in the
 * same little memory: half the time of loading them all, which is mostly the system's, giving memory.
 *
 * Where something was removed or replaced, from the newest entry to the oldest and each by itself, so that what is gone
 * is known when an entry is scanned: no vector that is not in the version any more takes part. Each scan's bound holds
 * for the whole version, since the k-th of all is not farther than the k-th of some.
 *
 * @param rows how many vectors the version has
 * @returns Null when the log does not tell of all vectors.
 * @throws BlockFormatError, RangeError when it is damaged.
 */
export function scanLog(
  driver: SqliteDriver,
  { dimension, metric }: VectorSpace,
  { versionId, vector, limit }: VectorSearch,
  rows: number,
): Candidates | null {
  const table = new CodeTable({
    dimension,
    metric,
    capacity: ROWS_TOGETHER + rowsPerBlock(dimension, BLOCK_BYTES),
  });
  const found: Found[] = [];
  let bound = Number.POSITIVE_INFINITY;
  let seen = 0;
  const scan = () => {
    const { ids, lowerBounds, upperBound } = table.scan(vector, limit);
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
  // In the order of ids the table needs no index of them: that is why only a changed log is read backwards.
  for (const { codes, removed } of entries(driver, isChanged ? sizes.reverse() : sizes)) {
    if (codes !== null) table.appendBlocks(codes, { verify: false });
    if (gone.size > 0) for (const id of table.ids()) if (gone.has(id)) table.remove(id);
    for (const id of unpackIds(removed)) gone.add(id);
    if (isChanged || table.count >= ROWS_TOGETHER) scan();
  }
  scan();
  return seen === rows ? inOrder(found, bound, limit) : null;
}

interface Found {
  readonly id: ChunkId;
  readonly low: number;
}

/** The bound is that of one scan and far above the k-th distance: the first look is to tell where that is. */
function inOrder(found: readonly Found[], bound: number, limit: number): Candidates {
  const left = found.filter(({ low }) => low <= bound).sort((a, b) => a.low - b.low || a.id - b.id);
  return {
    ids: Float64Array.from(left, ({ id }) => id),
    lowerBounds: Float64Array.from(left, ({ low }) => low),
    promising: Math.min(limit, left.length),
  };
}
