import { createBlock, rowsPerBlock, setRow, tiledRows } from './block-format.js';
import type { RowFacts } from './quantize.js';
import type { TableRows } from './table-rows.js';

/**
 * Writes all rows as blocks of at most `maxBytes` (at least one row each). The last one to three rows that do not fill
 * a tile get a block of their own at the end.
 */
export function serializeRows(table: TableRows, maxBytes: number | undefined): Uint8Array[] {
  const { rows, count, dimension, metric } = table;
  const perBlock = rowsPerBlock(dimension, maxBytes);
  const facts: RowFacts = { scale: 0, error: 0, codeNorm: 0 };
  const blocks: Uint8Array[] = [];
  const tiled = tiledRows(count);
  for (let first = 0; first < count; ) {
    const length = Math.min(perBlock, (first < tiled ? tiled : count) - first);
    const { view, seal } = createBlock(length, dimension, metric);
    for (let row = 0; row < length; row++) {
      rows.readFacts(first + row, facts);
      setRow(view, row, rows.id(first + row), facts);
    }
    rows.readBlock(first, view);
    blocks.push(seal());
    first += length;
  }
  return blocks;
}
