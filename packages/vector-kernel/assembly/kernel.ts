// The SIMD half of the kernel, in AssemblyScript. `npm run build:wasm` turns it into src/wasm/binary.ts,
// and test/wasm-binary.test.ts fails when the two have drifted apart.
//
// It owns no memory: every pointer comes from the host, which lays out the tables (src/layout.ts).
// The filters are scalar float64 in a fixed order of operations, so that the TypeScript
// implementation (src/typescript-kernel.ts) can repeat each result bit for bit. The other loops are
// integer arithmetic without overflow, where order does not matter.
//
// A line `// @inline` stands for AssemblyScript's decorator of functions, which other tools cannot parse.

/**
 * out[r] = Σ_j codes[r][j] · query[j] for `rows` rows (a multiple of 4), as exact 32-bit integers.
 * `stride` is the length of a row in bytes, a multiple of 16, padded with zeros.
 *
 * Rows lie in tiles of four, interleaved by 16 bytes (src/layout.ts): the memory is read as one ascending
 * stream, which is what hardware prefetchers follow best, while each slice of the query is loaded once for
 * four rows. Measured against row-major variants with one, two and four rows at a time, this was the
 * fastest both inside and outside the cache.
 */
export function dotRows(codes: usize, stride: usize, rows: i32, query: usize, out: usize): void {
  let p = codes;
  for (let r = 0; r < rows; r += 4) {
    let sum0 = i32x4.splat(0);
    let sum1 = i32x4.splat(0);
    let sum2 = i32x4.splat(0);
    let sum3 = i32x4.splat(0);
    let q = query;
    const end = p + stride * 4;
    for (; p < end; p += 64) {
      const low = v128.load(q);
      const high = v128.load(q, 16);
      sum0 = i32x4.add(sum0, dot16(p, low, high));
      sum1 = i32x4.add(sum1, dot16(p + 16, low, high));
      sum2 = i32x4.add(sum2, dot16(p + 32, low, high));
      sum3 = i32x4.add(sum3, dot16(p + 48, low, high));
      q += 32;
    }
    v128.store(out, sumsOfLanes(sum0, sum1, sum2, sum3));
    out += 16;
  }
}

/**
 * Sixteen 8-bit codes times sixteen 16-bit query values, as four partial sums. Codes are widened as they are loaded,
 * eight at a time: one instruction, where widening the upper half of a register takes two.
 */
function dot16(codes: usize, low: v128, high: v128): v128 {
  return i32x4.add(
    i32x4.dot_i16x8_s(v128.load_ext<i8>(codes), low),
    i32x4.dot_i16x8_s(v128.load_ext<i8>(codes, 8), high),
  );
}

/** The four sums of lanes at once: two steps of interleaving and adding, where one by one takes sixteen. */
function sumsOfLanes(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = i32x4.add(v128.shuffle<i32>(a, b, 0, 4, 1, 5), v128.shuffle<i32>(a, b, 2, 6, 3, 7));
  const cd = i32x4.add(v128.shuffle<i32>(c, d, 0, 4, 1, 5), v128.shuffle<i32>(c, d, 2, 6, 3, 7));
  return i32x4.add(v128.shuffle<i32>(ab, cd, 0, 1, 4, 5), v128.shuffle<i32>(ab, cd, 2, 3, 6, 7));
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

/**
 * out[i] = Σ_j (query[j] − row[j])², in float64, one component after the other, for `count` rows (a multiple of 8): `slots`
 * are their numbers. Rows are float32, the query float64; both are padded with zeros to `components`, a multiple of 4.
 */
export function squaredDistances(
  rows: usize,
  components: i32,
  slots: usize,
  count: i32,
  query: usize,
  out: usize,
): void {
  sumRows(rows, components, slots, count, query, out, false);
}

/** out[i] = Σ_j query[j] · row[j]. Otherwise like {@link squaredDistances}. */
export function dotProducts(
  rows: usize,
  components: i32,
  slots: usize,
  count: i32,
  query: usize,
  out: usize,
): void {
  sumRows(rows, components, slots, count, query, out, true);
}

/**
 * Each lane sums one row, so that its sum has the bits of a plain loop. Eight rows at a time, because an addition waits for
 * the one before it.
 */
// @ts-expect-error: decorator
// @inline
function sumRows(
  rows: usize,
  components: i32,
  slots: usize,
  count: i32,
  query: usize,
  out: usize,
  isProduct: bool,
): void {
  const bytes = (<usize>components) << 2;
  const end = query + ((<usize>components) << 3);
  for (let i = 0; i < count; i += 8) {
    let a = rows + <usize>load<u32>(slots) * bytes;
    let b = rows + <usize>load<u32>(slots, 4) * bytes;
    let c = rows + <usize>load<u32>(slots, 8) * bytes;
    let d = rows + <usize>load<u32>(slots, 12) * bytes;
    let e = rows + <usize>load<u32>(slots, 16) * bytes;
    let f = rows + <usize>load<u32>(slots, 20) * bytes;
    let g = rows + <usize>load<u32>(slots, 24) * bytes;
    let h = rows + <usize>load<u32>(slots, 28) * bytes;
    let ab = f64x2.splat(0);
    let cd = f64x2.splat(0);
    let ef = f64x2.splat(0);
    let gh = f64x2.splat(0);
    for (let q = query; q < end; q += 32) {
      ab = addFour(ab, q, v128.load(a), v128.load(b), isProduct);
      cd = addFour(cd, q, v128.load(c), v128.load(d), isProduct);
      ef = addFour(ef, q, v128.load(e), v128.load(f), isProduct);
      gh = addFour(gh, q, v128.load(g), v128.load(h), isProduct);
      a += 16;
      b += 16;
      c += 16;
      d += 16;
      e += 16;
      f += 16;
      g += 16;
      h += 16;
    }
    v128.store(out, ab);
    v128.store(out, cd, 16);
    v128.store(out, ef, 32);
    v128.store(out, gh, 48);
    slots += 32;
    out += 64;
  }
}

/** Adds four components of two rows to their sums. */
// @ts-expect-error: decorator
// @inline
function addFour(sum: v128, query: usize, first: v128, second: v128, isProduct: bool): v128 {
  const low = v128.shuffle<f32>(first, second, 0, 4, 1, 5);
  const high = v128.shuffle<f32>(first, second, 2, 6, 3, 7);
  sum = f64x2.add(sum, term(v128.load64_splat(query), low, isProduct));
  sum = f64x2.add(sum, term(v128.load64_splat(query, 8), upperHalf(low), isProduct));
  sum = f64x2.add(sum, term(v128.load64_splat(query, 16), high, isProduct));
  return f64x2.add(sum, term(v128.load64_splat(query, 24), upperHalf(high), isProduct));
}

/** The summand of one component of two rows, which are the first two lanes of `pair`. */
// @ts-expect-error: decorator
// @inline
function term(query: v128, pair: v128, isProduct: bool): v128 {
  const values = f64x2.promote_low_f32x4(pair);
  if (isProduct) return f64x2.mul(query, values);
  const difference = f64x2.sub(query, values);
  return f64x2.mul(difference, difference);
}

// @ts-expect-error: decorator
// @inline
function upperHalf(vector: v128): v128 {
  return v128.shuffle<f64>(vector, vector, 1, 0);
}
