// Reads the text of an embedding into float32, in AssemblyScript, for its 64-bit integers: eight digits in three
// multiplications. `npm run build:wasm` turns it into src/vectors/wasm/binary.ts, and
// test/wasm-binary.test.ts fails when the two have drifted apart.
//
// The trick of converting several digits by few multiplications is described in D. Lemire, "Number Parsing at a Gigabyte
// per Second" (2021).

/** What float64 holds exactly of the powers of ten, as the host writes it: 23 of them, from 10^0. */
const POWERS: usize = 0;

/** Where the host finds how far the text was read. */
const PLACE: usize = 184;

/** 1 in each of eight bytes. */
const ONES: u64 = u64.MAX_VALUE / 255;

/** Well below 2^63, so that no mantissa overflows. */
const LARGEST: f64 = 9e18;

/** Powers of ten beyond 10^22 are rounded in float64. */
const MOST_PLACES: usize = 22;

/**
 * How far the quick value may be from what the digits say, relatively: two roundings in float64 are at most 2 · 2^-53,
 * and this is eight times that.
 */
const MARGIN: f64 = 1.0 / 562949953421312.0; // 2^-49

/**
 * Reads numbers of the form -0.03125000186264515, separated by commas and ended by a bracket. What is of another form, or
 * not settled quickly, is left to the host.
 *
 * @param text Where the first of them begins. Behind the text stand eight bytes that are no digits.
 * @param out Gets float32, from the given one on.
 * @returns The number of the first that was not read, or the count; `PLACE` then says where it begins, or what comes
 * behind the bracket.
 */
export function readFractions(text: usize, out: usize, from: i32, count: i32): i32 {
  let start = text;
  let i = from;
  for (; i < count; i++) {
    const minus = <usize>(load<u8>(start) === 0x2d);
    let at = start + minus;
    if (load<u16>(at) !== 0x2e30) break; // 0.
    at += 2;
    let mantissa: u64 = 0;
    let places: usize = 0;
    let digits: usize;
    let fits = true;
    do {
      const eight = load<u64>(at);
      digits = digitsIn(eight);
      const power = load<f64>(POWERS + (digits << 3));
      fits = <f64>mantissa * power < LARGEST;
      // Digits that are not there become zeros in front of the others; in two steps, since none shifts by 64 at once.
      const half = (8 - digits) << 2;
      mantissa = mantissa * <u64>power + numberOf((eight << half) << half);
      at += digits;
      places += digits;
    } while (digits === 8 && fits);
    if (!fits || places === 0 || places > MOST_PLACES) break;
    const value = <f64>mantissa / load<f64>(POWERS + (places << 3));
    const rounded = <f32>(value * (1 - MARGIN));
    // Both ends of what it can be are the same float32: then so is what it is.
    if (rounded !== <f32>(value * (1 + MARGIN))) break;
    if (load<u8>(at) !== (i === count - 1 ? 0x5d : 0x2c)) break; // ] or ,
    store<f32>(out + ((<usize>i) << 2), minus ? -rounded : rounded);
    start = at + 1;
  }
  store<u32>(PLACE, start);
  return i;
}

/** How many of eight bytes are digits before the first that is none. */
function digitsIn(eight: u64): usize {
  const odd = eight ^ (0x30 * ONES);
  const others = (odd | (odd + 0x06 * ONES)) & (0xf0 * ONES);
  return others === 0 ? 8 : <usize>(ctz(others) >> 3);
}

/** The number that eight digits make, the first in the lowest byte. */
function numberOf(eight: u64): u64 {
  const pairs = ((eight & (0x0f * ONES)) * 2561) >> 8; // 10 · first + second
  const fours = ((pairs & (u64.MAX_VALUE / 0x101)) * 6553601) >> 16; // 100 · first pair + second
  return ((fours & 0x0000ffff0000ffff) * 42949672960001) >> 32; // 10,000 · first four + second
}
