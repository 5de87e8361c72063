import { Bounds, type Interval } from './bounds.js';
import { asFloat32, type VectorData } from './float32.js';
import { SEGMENT_ROWS, TILE_ROWS } from './layout.js';
import { type QuantizedQuery, quantizeQuery, type RowFacts } from './quantize.js';
import { QuickTest } from './quick-test.js';
import { noRows, resultOf, type ScanResult, smallestIds } from './scan-result.js';
import { CandidateBuffer } from './select.js';
import type { TableRows } from './table-rows.js';

/** Number of rows examined before there is a threshold. */
const FIRST_STEP = 64;

/** Finds every row that can be among the `k` nearest. See `CodeTable.scan`. */
export function scanTable(
  table: TableRows,
  query: VectorData,
  k: number,
  isWanted?: (id: number) => boolean,
): ScanResult {
  assertK(k);
  const prepared = quantizeQuery(asFloat32(query, 1, table.dimension), table.metric);
  if (k === 0 || table.count === 0) return noRows(table, k);
  if (prepared.isZero && table.metric !== 'l2') return smallestIds(table, k, isWanted);

  const bounds = new Bounds(prepared, table.metric, table.dimension);
  const quickTest = new QuickTest(table, prepared, bounds);
  const candidates = CandidateBuffer.lend(k, table.count);
  const examined = pass(table, prepared, bounds, quickTest, candidates, isWanted);
  candidates.tidy();
  quickTest.repeat(candidates);
  const result = resultOf(table, candidates, bounds, examined);
  candidates.giveBack();
  return result;
}

/** @throws RangeError if `k` is not a non-negative integer. */
export function assertK(k: number): void {
  if (!Number.isSafeInteger(k) || k < 0) {
    throw new RangeError(`k must be a non-negative integer, not ${String(k)}`);
  }
}

/**
 * The one pass: integer products segment by segment, then the quick test, then intervals for rows that passed it.
 *
 * @returns Number of rows that passed the quick test.
 */
function pass(
  { rows, count, layout, memory, dimension }: TableRows,
  query: QuantizedQuery,
  bounds: Bounds,
  quickTest: QuickTest,
  candidates: CandidateBuffer,
  isWanted: ((id: number) => boolean) | undefined,
): number {
  new Int16Array(memory.buffer, layout.query, dimension).set(query.codes);
  const products = new Int32Array(memory.buffer, layout.products, SEGMENT_ROWS);
  const hits = new Int32Array(memory.buffer, layout.hits, SEGMENT_ROWS);
  const interval: Interval = { low: 0, high: 0 };
  const facts: RowFacts = { scale: 0, error: 0, codeNorm: 0 };
  let examined = 0;
  let step = 0;
  for (let first = 0; first < count; first += SEGMENT_ROWS) {
    const length = Math.min(SEGMENT_ROWS, count - first);
    const segment = layout.firstSegment + (first / SEGMENT_ROWS) * layout.segmentBytes;
    const tiles = Math.ceil(length / TILE_ROWS) * TILE_ROWS;
    memory.dotRows(segment + layout.codes, layout.stride, tiles, layout.query, layout.products);
    // In steps, so that the threshold set by the first rows applies to the next ones.
    for (let from = 0; from < length; from += step) {
      step = Math.min(stepAfter(first + from), length - from);
      const found = quickTest.pass(segment, from, step, candidates.threshold);
      for (let hit = 0; hit < found; hit++) {
        const local = from + (hits[hit] as number);
        // Unwanted rows never lower the threshold, so it bounds the k-th nearest of the wanted ones.
        if (isWanted !== undefined && !isWanted(rows.id(first + local))) continue;
        const product = products[local] as number;
        rows.readFacts(first + local, facts);
        bounds.interval(facts.scale, facts.error, facts.codeNorm, product, interval);
        candidates.add(first + local, product, interval.low, interval.high);
      }
      examined += found;
      if (first === 0) candidates.tidy();
    }
  }
  return examined;
}

/** Doubles the number of rows examined: short steps until there is a threshold, soon whole segments. */
function stepAfter(rows: number): number {
  return Math.min(SEGMENT_ROWS, Math.max(FIRST_STEP, rows));
}
