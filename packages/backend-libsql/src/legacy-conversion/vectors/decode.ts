/**
 * The application keeps a vector as the text of a JSON array. This reads that text into float32, exactly as
 * `Math.fround(Number(text))` would, from the bytes and without making a string, an array or a number object of it.
 *
 * Nearly all components are of the form 0.03125000186264515. Their digits are read four at a time, and only as many as
 * settle the float32; the rest of them is skipped. The trick of converting several digits by few multiplications is
 * described in D. Lemire, "Number Parsing at a Gigabyte per Second" (2021).
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

/** The powers of ten that float64 holds exactly. */
const POWERS = Array.from({ length: 23 }, (_, exponent) => 10 ** exponent);

/** Tenths, hundredths and so on, rounded. */
const FRACTIONS = POWERS.map((power) => 1 / power);

/** Significant digits that are read; with more, the standard conversion decides. */
const MOST_DIGITS = 17;

/** Digits that are read of a fraction, by fours; then up to three where it ends. All of them are whole in float64. */
const QUICK_DIGITS = 12;

/**
 * How far the quick value may be from what the digits say, relatively: four roundings in float64 are at most
 * 4 · 2^-53, and this is four times that.
 */
const MARGIN = 2 ** -49;

const latin1 = new TextDecoder('latin1');

/** Where the number ended that was read last. */
let end = 0;

/**
 * Reads a JSON array of numbers without blanks.
 *
 * @param into As long as the array must be.
 * @returns Whether the bytes were that. When not, `into` holds nothing of use, and a slower reader can say what they
 * are: blanks, another length, or no vector at all.
 */
export function decodeVector(bytes: Uint8Array, into: Float32Array): boolean {
  const { length } = into;
  if (bytes[0] !== OPEN) return false;
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 1;
  for (let component = 0; component < length; component++) {
    let value = readFraction(bytes, words, at);
    if (Number.isNaN(value)) {
      value = readNumber(bytes, at);
      if (Number.isNaN(value)) return false;
    }
    into[component] = value;
    if (bytes[end] !== (component === length - 1 ? CLOSE : COMMA)) return false;
    at = end + 1;
  }
  return length > 0 && at === bytes.length;
}

/**
 * A number of the form 0.123 with as many digits as there are, or NaN for {@link readNumber} to look at. Sets `end`.
 * With few branches that depend on the digits, since a processor foresees none of those.
 */
function readFraction(bytes: Uint8Array, words: DataView, start: number): number {
  const minus = bytes[start] === MINUS ? 1 : 0;
  let at = start + minus;
  if (bytes[at] !== ZERO || bytes[at + 1] !== DOT) return Number.NaN;
  at += 2;
  const point = at;
  const last = bytes.length - 4;
  let mantissa = 0;
  let others = 0;
  while (at <= last && at - point < QUICK_DIGITS) {
    const four = words.getInt32(at, true);
    others = otherThanDigits(four);
    if (others !== 0) break;
    // Pairs: 10 · first + second. Then 100 · first pair + second.
    const pairs = (Math.imul(four & 0x0f0f0f0f, 2561) >>> 8) & 0x00ff00ff;
    mantissa = mantissa * 10_000 + (Math.imul(pairs, 6_553_601) >>> 16);
    at += 4;
  }
  if (at - point < QUICK_DIGITS) {
    for (let byte = bytes[at] as number; byte >= ZERO && byte <= NINE; byte = bytes[++at] as number)
      mantissa = mantissa * 10 + (byte - ZERO);
  }
  const scale = at - point;
  for (others = 0; at <= last; at += 4) {
    others = otherThanDigits(words.getInt32(at, true));
    if (others !== 0) break;
  }
  if (others === 0) while (isDigit(bytes[at] as number)) at++;
  else at += (31 - Math.clz32(others & -others)) >> 3; // bytes before the lowest that is no digit
  const byte = bytes[at];
  if ((byte !== COMMA && byte !== CLOSE) || scale === 0) return Number.NaN;

  const unit = FRACTIONS[scale] as number;
  // With digits skipped, the number is less than the next mantissa.
  const most = at - point === scale ? mantissa : mantissa + 1;
  const rounded = Math.fround(mantissa * unit * (1 - MARGIN));
  // Both ends of what it can be are the same float32: then so is what it is.
  if (rounded !== Math.fround(most * unit * (1 + MARGIN))) return Number.NaN;
  end = at;
  return rounded * (1 - 2 * minus);
}

/** A bit of each of the four bytes that is no digit, exactly up to the lowest of them; 0 when all are digits. */
function otherThanDigits(four: number): number {
  const digits = four ^ 0x30303030;
  return (digits | (digits + 0x06060606)) & 0xf0f0f0f0;
}

/** Any number of JSON, or NaN where there is none. Sets `end`. */
function readNumber(bytes: Uint8Array, start: number): number {
  let at = start;
  const negative = bytes[at] === MINUS;
  if (negative) at++;
  let byte = bytes[at] ?? 0;
  if (byte < ZERO || byte > NINE) return Number.NaN;
  // JSON has no numbers such as 01.
  if (byte === ZERO && isDigit(bytes[at + 1] ?? 0)) return Number.NaN;

  let high = 0; // the first nine significant digits
  let low = 0; // up to eight more
  let digits = 0;
  let fraction = 0;
  while (byte >= ZERO && byte <= NINE) {
    if (digits < 9) high = high * 10 + (byte - ZERO);
    else if (digits < MOST_DIGITS) low = low * 10 + (byte - ZERO);
    if (digits > 0 || byte !== ZERO) digits++;
    byte = bytes[++at] ?? 0;
  }
  if (byte === DOT) {
    byte = bytes[++at] ?? 0;
    if (byte < ZERO || byte > NINE) return Number.NaN;
    while (byte >= ZERO && byte <= NINE) {
      if (digits < 9) high = high * 10 + (byte - ZERO);
      else if (digits < MOST_DIGITS) low = low * 10 + (byte - ZERO);
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
  if (digits <= MOST_DIGITS && scale >= -22 && scale <= 22) {
    const mantissa = digits <= 9 ? high : high * (POWERS[digits - 9] as number) + low;
    const quick = scale < 0 ? mantissa / (POWERS[-scale] as number) : mantissa * (POWERS[scale] as number);
    const rounded = Math.fround(quick * (1 - MARGIN));
    // As in readFraction.
    if (rounded === Math.fround(quick * (1 + MARGIN))) return negative ? -rounded : rounded;
  }
  return Number(latin1.decode(bytes.subarray(start, at)));
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}
