import { FractionReader } from './wasm/fractions.js';

/**
 * The application stores a vector as a JSON array. This module reads that text as float32, exactly as
 * `Math.fround(Number(text))` would, from the bytes and without creating strings, arrays or numbers.
 *
 * Nearly all components have the form 0.03125000186264515, which WebAssembly reads; this module reads the others.
 */

const OPEN = 0x5b;
const CLOSE = 0x5d;
const COMMA = 0x2c;
const MINUS = 0x2d;
const PLUS = 0x2b;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const UPPER_E = 0x45;
const LOWER_E = 0x65;

/** Powers of ten that float64 represents exactly. */
const POWERS = Array.from({ length: 23 }, (_, exponent) => 10 ** exponent);

/** Maximum number of significant digits; beyond, the standard conversion decides. */
const MAX_DIGITS = 17;

/**
 * Maximum relative error of the quick value: four roundings in float64 are at most 4 · 2^-53, and this is four times
 * that. If both ends of the interval are the same float32, so is the exact value.
 */
const MARGIN = 2 ** -49;

const latin1 = new TextDecoder('latin1');

const fractions = FractionReader.create();

/** Offset after the last number that was read. */
let end = 0;

/**
 * Reads a JSON array of numbers without whitespace.
 *
 * @param into Array of the expected length.
 * @returns True if the bytes were such an array. Otherwise `into` is undefined, and a slower reader can determine the
 * reason: whitespace, another length, or an invalid vector.
 */
export function decodeVector(bytes: Uint8Array, into: Float32Array): boolean {
  const { length } = into;
  if (bytes[0] !== OPEN || length === 0) return false;
  fractions?.begin(bytes, length);
  const numbers = fractions?.numbers ?? into;
  let at = 1;
  for (let component = 0; ; component++) {
    if (fractions !== null) {
      component = fractions.read(at, component);
      at = fractions.place;
      if (component === length) break;
    }
    const value = readNumber(bytes, at);
    if (Number.isNaN(value) || bytes[end] !== (component === length - 1 ? CLOSE : COMMA)) return false;
    numbers[component] = value;
    at = end + 1;
    if (component === length - 1) break;
  }
  if (numbers !== into) into.set(numbers);
  return at === bytes.length;
}

/** Reads any JSON number, or NaN if there is none. Sets `end`. */
function readNumber(bytes: Uint8Array, start: number): number {
  let at = start;
  const negative = bytes[at] === MINUS;
  if (negative) at++;
  let byte = bytes[at] ?? 0;
  if (byte < ZERO || byte > NINE) return Number.NaN;
  // JSON does not allow numbers such as 01.
  if (byte === ZERO && isDigit(bytes[at + 1] ?? 0)) return Number.NaN;

  let high = 0; // the first nine significant digits
  let low = 0; // up to eight more
  let digits = 0;
  let fraction = 0;
  while (byte >= ZERO && byte <= NINE) {
    if (digits < 9) high = high * 10 + (byte - ZERO);
    else if (digits < MAX_DIGITS) low = low * 10 + (byte - ZERO);
    if (digits > 0 || byte !== ZERO) digits++;
    byte = bytes[++at] ?? 0;
  }
  if (byte === DOT) {
    byte = bytes[++at] ?? 0;
    if (byte < ZERO || byte > NINE) return Number.NaN;
    while (byte >= ZERO && byte <= NINE) {
      if (digits < 9) high = high * 10 + (byte - ZERO);
      else if (digits < MAX_DIGITS) low = low * 10 + (byte - ZERO);
      if (digits > 0 || byte !== ZERO) digits++;
      fraction++;
      byte = bytes[++at] ?? 0;
    }
  }
  let exponent = 0;
  if (byte === LOWER_E || byte === UPPER_E) {
    byte = bytes[++at] ?? 0;
    const down = byte === MINUS;
    if (down || byte === PLUS) byte = bytes[++at] ?? 0;
    if (byte < ZERO || byte > NINE) return Number.NaN;
    while (byte >= ZERO && byte <= NINE) {
      if (exponent < 10_000) exponent = exponent * 10 + (byte - ZERO);
      byte = bytes[++at] ?? 0;
    }
    if (down) exponent = -exponent;
  }
  end = at;

  const scale = exponent - fraction;
  if (digits <= MAX_DIGITS && scale >= -22 && scale <= 22) {
    const mantissa = digits <= 9 ? high : high * (POWERS[digits - 9] as number) + low;
    const quick = scale < 0 ? mantissa / (POWERS[-scale] as number) : mantissa * (POWERS[scale] as number);
    const rounded = Math.fround(quick * (1 - MARGIN));
    if (rounded === Math.fround(quick * (1 + MARGIN))) return negative ? -rounded : rounded;
  }
  return Number(latin1.decode(bytes.subarray(start, at)));
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}
