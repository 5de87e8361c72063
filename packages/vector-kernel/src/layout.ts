// Where things lie in the memory of a table:
//
//   [ query | integer products | hits ] [ segment 0 ] [ segment 1 ] …
//
// A segment holds 256 rows: their codes, scales, errors, code norms and ids. Tables grow by whole segments,
// so that nothing ever moves and no more than one segment is allocated ahead.
//
// Codes lie in tiles of four rows interleaved by 16 bytes, padded with zeros to a multiple of 16:
//   row 0 [0…15], row 1 [0…15], row 2 [0…15], row 3 [0…15], row 0 [16…31], …

export const TILE_ROWS = 4;
export const TILE_SLICE = 16;
export const SEGMENT_ROWS = 256;

export interface Layout {
  /** Bytes of one row's codes, padded. */
  readonly stride: number;
  /** Addresses in the scratch area. */
  readonly query: number;
  readonly products: number;
  readonly hits: number;
  readonly firstSegment: number;
  /** Offsets inside a segment (the codes are at 0), and its length. */
  readonly scales: number;
  readonly errors: number;
  readonly norms: number;
  readonly ids: number;
  readonly segmentBytes: number;
}

export function layoutFor(dimension: number): Layout {
  const stride = Math.ceil(dimension / TILE_SLICE) * TILE_SLICE;
  const products = stride * 2;
  const hits = products + SEGMENT_ROWS * 4;
  const firstSegment = Math.ceil((hits + SEGMENT_ROWS * 4) / 64) * 64;
  const scales = SEGMENT_ROWS * stride;
  const errors = scales + SEGMENT_ROWS * 4;
  const norms = errors + SEGMENT_ROWS * 4;
  const ids = norms + SEGMENT_ROWS * 4;
  const segmentBytes = ids + SEGMENT_ROWS * 8;
  return { stride, query: 0, products, hits, firstSegment, scales, errors, norms, ids, segmentBytes };
}
