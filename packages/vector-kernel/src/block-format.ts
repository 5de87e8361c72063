import { alignedBytes, asFloat32, type VectorData } from './float32.js';
import { assertIds, type IdData } from './ids.js';
import { strideOf, TILE_ROWS, TILE_SLICE } from './layout.js';
import { assertDimension, assertMetric, METRICS, type Metric } from './metric.js';
import { quantizeRow, type RowFacts } from './quantize.js';
import { xxhash32 } from './xxhash32.js';

// A block is the stored form of some quantized rows. Little-endian; its length is a multiple of 8, so that
// blocks can be stored end to end and every array in them stays aligned:
//
//    0  u32  magic "SWVK"            16  u32  length of the whole block in bytes
//    4  u16  version, 2              20  u32  0
//    6  u8   metric (METRICS)        24  u32  0
//    7  u8   0                       28  u32  checksum: xxHash32 of the rest of the block,
//    8  u32  dimension                        seeded with the xxHash32 of bytes 0–27
//   12  u32  number of rows
//   32  f64 × rows   ids
//       f32 × rows   scales
//       f32 × rows   error norms
//       u32 × rows   code norms, Σc²
//       i8  × rows × stride      codes; then zeros up to a multiple of 8
//
// The stride is the dimension, rounded up to 16 with zeros. Every four rows are interleaved as in memory
// (layout.ts), so that loading mostly copies long stretches; the up to three remaining rows are stored one
// after the other.

const MAGIC = 0x4b565753;
const VERSION = 2;
const HEADER = 32;
const BYTES_BESIDE_CODES = 8 + 4 + 4 + 4;
const SLICE_WORDS = TILE_SLICE / 4;

/** Thrown for a block that is damaged, or of another version, dimension or metric than expected. */
export class BlockFormatError extends Error {
  override readonly name = 'BlockFormatError';
}

/** The length in bytes of a block of `count` rows. */
export function blockByteLength(count: number, dimension: number): number {
  return Math.ceil((HEADER + count * (BYTES_BESIDE_CODES + strideOf(dimension))) / 8) * 8;
}

/** Maximum number of rows in a block of `maxBytes` (default 1,000,000): a multiple of four, and at least one. */
export function rowsPerBlock(dimension: number, maxBytes = 1_000_000): number {
  assertDimension(dimension);
  const rows = Math.floor((maxBytes - HEADER - 7) / (BYTES_BESIDE_CODES + strideOf(dimension)));
  return rows > TILE_ROWS ? rows - (rows % TILE_ROWS) : Math.max(1, rows);
}

/** A parsed block: views of its bytes. */
export interface BlockView {
  readonly metric: Metric;
  readonly dimension: number;
  /** Bytes of one row's codes. */
  readonly stride: number;
  readonly count: number;
  readonly ids: Float64Array;
  readonly scales: Float32Array;
  readonly errors: Float32Array;
  readonly codeNorms: Uint32Array;
  readonly codes: Int8Array;
}

/** Creates an empty block, to be filled through its views and then sealed. */
export function createBlock(
  count: number,
  dimension: number,
  metric: Metric,
): { readonly view: BlockView; seal(): Uint8Array } {
  const bytes = new Uint8Array(blockByteLength(count, dimension));
  const header = new DataView(bytes.buffer, 0, HEADER);
  header.setUint32(0, MAGIC, true);
  header.setUint16(4, VERSION, true);
  header.setUint8(6, METRICS.indexOf(metric));
  header.setUint32(8, dimension, true);
  header.setUint32(12, count, true);
  header.setUint32(16, bytes.byteLength, true);
  return {
    view: viewOf(bytes, count, dimension, metric),
    seal() {
      header.setUint32(28, checksumOf(bytes), true);
      return bytes;
    },
  };
}

/**
 * Parses and checks any number of blocks stored end to end.
 *
 * @param verify Also compares checksums, which reads every byte once more.
 * @throws BlockFormatError if a block is invalid.
 */
export function* readBlocks(piece: Uint8Array, verify: boolean): Generator<BlockView, void, undefined> {
  const all = alignedBytes(piece, 8);
  for (let at = 0; at < all.byteLength; ) {
    if (all.byteLength - at < HEADER) throw new BlockFormatError('A block of codes is cut off in its header');
    const header = new DataView(all.buffer, all.byteOffset + at, HEADER);
    if (header.getUint32(0, true) !== MAGIC)
      throw new BlockFormatError('These bytes are not a block of codes');
    const version = header.getUint16(4, true);
    if (version !== VERSION) {
      throw new BlockFormatError(
        `A block of codes has version ${version}; this program reads version ${VERSION}`,
      );
    }
    const metric = METRICS[header.getUint8(6)];
    const dimension = header.getUint32(8, true);
    const count = header.getUint32(12, true);
    const length = header.getUint32(16, true);
    if (length !== blockByteLength(count, dimension) || length > all.byteLength - at) {
      throw new BlockFormatError('A block of codes is cut off, or its header is damaged');
    }
    const bytes = all.subarray(at, at + length);
    if (verify && header.getUint32(28, true) !== checksumOf(bytes)) {
      throw new BlockFormatError('A block of codes is damaged: its checksum does not match');
    }
    if (metric === undefined) throw new BlockFormatError('A block of codes has an unknown metric');
    yield viewOf(bytes, count, dimension, metric);
    at += length;
  }
}

/**
 * Quantizes rows directly into one block, for writers without a table. Deterministic: a row always produces the same
 * bytes, independent of the other rows.
 *
 * @param ids Distinct positive safe integers.
 * @param vectors `ids.length × dimension` float32 values or their little-endian bytes, packed; or an array with one
 * vector for each row, which need not be packed.
 * @throws RangeError on a wrong length, an invalid id, or a component that is not finite.
 */
export function quantizeRows(
  ids: IdData,
  vectors: VectorData | readonly VectorData[],
  dimension: number,
  metric: Metric,
): Uint8Array {
  assertDimension(dimension);
  assertMetric(metric);
  assertIds(ids);
  const rows = isSeparate(vectors) ? separateRows(vectors, ids.length, dimension) : null;
  const packed = rows === null ? asFloat32(vectors as VectorData, ids.length, dimension) : null;
  const { view, seal } = createBlock(ids.length, dimension, metric);
  const facts: RowFacts = { scale: 0, error: 0, codeNorm: 0 };
  const codes = new Int8Array(view.stride);
  const words = new Int32Array(codes.buffer);
  const blockWords = wordsOf(view);
  for (let row = 0; row < ids.length; row++) {
    const values = packed ?? (rows?.[row] as Float32Array);
    quantizeRow(values, packed === null ? 0 : row * dimension, dimension, metric, codes, 0, facts);
    const { at, step } = placeInBlock(view, row);
    for (let word = 0, to = at; word < words.length; word += SLICE_WORDS, to += step) {
      for (let i = 0; i < SLICE_WORDS; i++) blockWords[to + i] = words[word + i] as number;
    }
    setRow(view, row, ids[row] as number, facts);
  }
  return seal();
}

function isSeparate(vectors: VectorData | readonly VectorData[]): vectors is readonly VectorData[] {
  return Array.isArray(vectors);
}

function separateRows(vectors: readonly VectorData[], count: number, dimension: number): Float32Array[] {
  if (vectors.length !== count) throw new RangeError(`Expected ${count} vector(s), got ${vectors.length}`);
  return vectors.map((vector) => asFloat32(vector, 1, dimension));
}

/** Number of rows at the start of a block that are stored in tiles. */
export function tiledRows(count: number): number {
  return count - (count % TILE_ROWS);
}

/** Position of a row's codes in a block: first slice and distance between slices, in 32-bit words. */
export function placeInBlock(
  { count, stride }: BlockView,
  row: number,
): { readonly at: number; readonly step: number } {
  if (row >= tiledRows(count)) return { at: (row * stride) / 4, step: SLICE_WORDS };
  const inTile = row % TILE_ROWS;
  return {
    at: ((row - inTile) * stride) / 4 + inTile * SLICE_WORDS,
    step: SLICE_WORDS * TILE_ROWS,
  };
}

/** Codes of a block as 32-bit words. */
export function wordsOf({ codes }: BlockView): Int32Array {
  return new Int32Array(codes.buffer, codes.byteOffset, codes.byteLength / 4);
}

/** Writes a row except its codes. */
export function setRow(block: BlockView, row: number, id: number, facts: RowFacts): void {
  block.ids[row] = id;
  block.scales[row] = facts.scale;
  block.errors[row] = facts.error;
  block.codeNorms[row] = facts.codeNorm;
}

function viewOf(bytes: Uint8Array, count: number, dimension: number, metric: Metric): BlockView {
  const { buffer } = bytes;
  const start = bytes.byteOffset + HEADER;
  const stride = strideOf(dimension);
  return {
    metric,
    dimension,
    stride,
    count,
    ids: new Float64Array(buffer, start, count),
    scales: new Float32Array(buffer, start + count * 8, count),
    errors: new Float32Array(buffer, start + count * 12, count),
    codeNorms: new Uint32Array(buffer, start + count * 16, count),
    codes: new Int8Array(buffer, start + count * BYTES_BESIDE_CODES, count * stride),
  };
}

function checksumOf(block: Uint8Array): number {
  return xxhash32(block.subarray(HEADER), xxhash32(block.subarray(0, HEADER - 4)));
}
