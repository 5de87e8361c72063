// Memory layout of a table:
//
//   [ query | integer products | hits ] [ segment 0 ] [ segment 1 ] …
//
// A segment contains 1,024 rows: scales, errors, code norms and ids, then their codes. Tables grow segment by
// segment, so that nothing ever moves. The codes come last, so that the last segment need only extend to its
// last row. Longer segments interrupt the stream of codes less often (256 rows cost a sixth more time).
//
// Codes are stored in tiles of four rows interleaved by 16 bytes, padded with zeros to a multiple of 16:
//   row 0 [0…15], row 1 [0…15], row 2 [0…15], row 3 [0…15], row 0 [16…31], …

export const TILE_ROWS = 4;
export const TILE_SLICE = 16;
export const SEGMENT_ROWS = 1024;

/** Bytes of one row's codes, padded to whole slices. */
export function strideOf(dimension: number): number {
  return Math.ceil(dimension / TILE_SLICE) * TILE_SLICE;
}

export interface Layout {
  /** Bytes of one row's codes, padded. */
  readonly stride: number;
  /** Addresses in the scratch area. */
  readonly query: number;
  readonly products: number;
  readonly hits: number;
  readonly firstSegment: number;
  /** Offsets inside a segment (the scales are at 0), and its length. */
  readonly errors: number;
  readonly norms: number;
  readonly ids: number;
  readonly codes: number;
  readonly segmentBytes: number;
}

export function layoutFor(dimension: number): Layout {
  const stride = strideOf(dimension);
  const products = stride * 2;
  const hits = products + SEGMENT_ROWS * 4;
  const firstSegment = Math.ceil((hits + SEGMENT_ROWS * 4) / 64) * 64;
  const errors = SEGMENT_ROWS * 4;
  const norms = errors + SEGMENT_ROWS * 4;
  const ids = norms + SEGMENT_ROWS * 4;
  const codes = ids + SEGMENT_ROWS * 8;
  const segmentBytes = codes + SEGMENT_ROWS * stride;
  return { stride, query: 0, products, hits, firstSegment, errors, norms, ids, codes, segmentBytes };
}

/** Memory size in bytes of a table of `count` rows. */
export function bytesFor(count: number, layout: Layout): number {
  const partial = count % SEGMENT_ROWS;
  const whole = layout.firstSegment + Math.floor(count / SEGMENT_ROWS) * layout.segmentBytes;
  const tiles = Math.ceil(partial / TILE_ROWS) * TILE_ROWS;
  return partial === 0 ? whole : whole + layout.codes + tiles * layout.stride;
}
