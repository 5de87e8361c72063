import type { SqlValue } from '@switchyard/sqlite-common';

/** Values that are safe to bind. The binding binds numbers as REAL, so integers are passed as bigints. */
export type BoundValue = null | string | number | bigint | Uint8Array;

const encoder = new TextEncoder();
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/**
 * Converts a value to what the binding accepts. A boolean or an object would end the process.
 *
 * A text with a NUL is always bound as a blob of its UTF-8 bytes, because the binding reads such a text only up to the NUL.
 *
 * @throws TypeError for a value that SQLite cannot store.
 */
export function toBound(value: SqlValue): BoundValue {
  switch (typeof value) {
    case 'number':
      if (Number.isNaN(value)) throw new TypeError('NaN cannot be bound: SQLite would store NULL.');
      return Number.isSafeInteger(value) ? BigInt(value) : value;
    case 'string':
      return value.includes('\0') ? encoder.encode(value) : value;
    case 'bigint':
      if (value < INT64_MIN || value > INT64_MAX) throw new TypeError(`${value} does not fit into 64 bits.`);
      return value;
    default:
      if (value === null || value instanceof Uint8Array) return value;
      throw new TypeError(`A value of type ${typeof value} cannot be bound.`);
  }
}

/** Matches parameters, and texts, quoted names and comments, in which a question mark is not a parameter. */
const tokens =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|--[^\n]*|\/\*[\s\S]*?\*\/|\?(\d*)|[:@$]\w+/g;

/**
 * Counts the parameters of a statement. The binding does not, binds NULL for missing values and ignores extra ones.
 *
 * @throws TypeError for named parameters, which servers do not support.
 */
export function countParameters(sql: string): number {
  let count = 0;
  for (const [token, number] of sql.matchAll(tokens)) {
    if (/^[:@$]/.test(token)) throw new TypeError(`Named parameters are not used: ${token}.`);
    // A plain ? gets the number after the largest one so far.
    if (number === '') count += 1;
    else if (number !== undefined) count = Math.max(count, Number(number));
  }
  return count;
}
