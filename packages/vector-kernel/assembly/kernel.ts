// The SIMD half of the kernel, in AssemblyScript. `npm run build:wasm` turns it into src/wasm/binary.ts,
// and test/wasm-binary.test.ts fails when the two have drifted apart.
//
// It owns no memory: every pointer comes from the host, which lays out the tables (src/layout.ts).
// Everything but `dotRows` is scalar float64 in a fixed order of operations, so that the TypeScript
// implementation (src/typescript-kernel.ts) can repeat each result bit for bit. `dotRows` is integer
// arithmetic without overflow, where order does not matter.

/**
 * out[r] = Σ_j codes[r][j] · query[j] for `rows` rows (a multiple of 4), as exact 32-bit integers.
 * `stride` is the length of a row in bytes, a multiple of 16, padded with zeros.
 *
 * Four rows at a time: each slice of the query is loaded once for four rows, and eight accumulators hide
 * the latency of the multiply-add. A slice of 8 codes is loaded and sign-extended in one instruction.
 */
export function dotRows(codes: usize, stride: usize, rows: i32, query: usize, out: usize): void {
  let row0 = codes;
  for (let r = 0; r < rows; r += 4) {
    const row1 = row0 + stride;
    const row2 = row1 + stride;
    const row3 = row2 + stride;
    let a0 = i32x4.splat(0);
    let a1 = i32x4.splat(0);
    let a2 = i32x4.splat(0);
    let a3 = i32x4.splat(0);
    let b0 = i32x4.splat(0);
    let b1 = i32x4.splat(0);
    let b2 = i32x4.splat(0);
    let b3 = i32x4.splat(0);
    let q = query;
    for (let j: usize = 0; j < stride; j += 16) {
      const low = v128.load(q);
      const high = v128.load(q, 16);
      a0 = i32x4.add(a0, i32x4.dot_i16x8_s(v128.load8x8_s(row0 + j), low));
      a1 = i32x4.add(a1, i32x4.dot_i16x8_s(v128.load8x8_s(row1 + j), low));
      a2 = i32x4.add(a2, i32x4.dot_i16x8_s(v128.load8x8_s(row2 + j), low));
      a3 = i32x4.add(a3, i32x4.dot_i16x8_s(v128.load8x8_s(row3 + j), low));
      b0 = i32x4.add(b0, i32x4.dot_i16x8_s(v128.load8x8_s(row0 + j, 8), high));
      b1 = i32x4.add(b1, i32x4.dot_i16x8_s(v128.load8x8_s(row1 + j, 8), high));
      b2 = i32x4.add(b2, i32x4.dot_i16x8_s(v128.load8x8_s(row2 + j, 8), high));
      b3 = i32x4.add(b3, i32x4.dot_i16x8_s(v128.load8x8_s(row3 + j, 8), high));
      q += 32;
    }
    store<i32>(out, sumOfLanes(i32x4.add(a0, b0)));
    store<i32>(out, sumOfLanes(i32x4.add(a1, b1)), 4);
    store<i32>(out, sumOfLanes(i32x4.add(a2, b2)), 8);
    store<i32>(out, sumOfLanes(i32x4.add(a3, b3)), 12);
    out += 16;
    row0 = row3 + stride;
  }
}

function sumOfLanes(v: v128): i32 {
  return (
    i32x4.extract_lane(v, 0) + i32x4.extract_lane(v, 1) + i32x4.extract_lane(v, 2) + i32x4.extract_lane(v, 3)
  );
}

/**
 * Writes the numbers of the rows whose inner product may still reach `floor`, and returns how many.
 * A row passes when s·(queryScale·I + slackPerScale) + e·slackPerError ≥ floor (src/bounds.ts says why).
 */
export function filterInnerProduct(
  dots: usize,
  scales: usize,
  errors: usize,
  rows: i32,
  queryScale: f64,
  slackPerScale: f64,
  slackPerError: f64,
  floor: f64,
  hits: usize,
): i32 {
  let count = 0;
  for (let r = 0; r < rows; r++) {
    const at = (<usize>r) << 2;
    const approximate =
      <f64>load<f32>(scales + at) * (queryScale * <f64>load<i32>(dots + at) + slackPerScale);
    // Branchless: the row is always written, and kept only by moving on.
    store<i32>(hits + ((<usize>count) << 2), r);
    count += i32(approximate + <f64>load<f32>(errors + at) * slackPerError >= floor);
  }
  return count;
}

/**
 * Writes the numbers of the rows whose Euclidean distance may still be within `reach`, and returns how many.
 * A row passes when queryNorm² + s²·|c|²·shrink − 2·queryScale·s·I ≤ (reach + e)².
 */
export function filterEuclidean(
  dots: usize,
  scales: usize,
  errors: usize,
  norms: usize,
  rows: i32,
  twiceQueryScale: f64,
  queryNormSquared: f64,
  shrink: f64,
  reach: f64,
  hits: usize,
): i32 {
  let count = 0;
  for (let r = 0; r < rows; r++) {
    const at = (<usize>r) << 2;
    const scale = <f64>load<f32>(scales + at);
    const squared =
      queryNormSquared +
      scale * (scale * <f64>load<u32>(norms + at) * shrink - twiceQueryScale * <f64>load<i32>(dots + at));
    const limit = reach + <f64>load<f32>(errors + at);
    store<i32>(hits + ((<usize>count) << 2), r);
    count += i32(squared <= limit * limit);
  }
  return count;
}
