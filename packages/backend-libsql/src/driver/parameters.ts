import type { SqlValue } from '@switchyard/sqlite-common';

/** What the binding takes without harm. Numbers are bound as REAL, so that whole ones go as bigints. */
export type BoundValue = null | string | number | bigint | Uint8Array;

const encoder = new TextEncoder();
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/**
 * A value as the binding has to get it. It must not see anything else: a boolean or an object ends the process.
 *
 * A text with a NUL goes as a blob of its UTF-8 bytes, everywhere in the same way, since the binding would read such a
 * text back only up to the NUL.
 *
 * @throws TypeError for what SQLite cannot hold.
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

/** Texts, quoted names and comments, in which a question mark is no parameter; or a parameter. */
const tokens =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|--[^\n]*|\/\*[\s\S]*?\*\/|\?(\d*)|[:@$]\w+/g;

/**
 * How many values a statement takes. The binding does not say, binds NULL for missing ones and ignores those too many.
 *
 * @throws TypeError for named parameters, which servers do not know.
 */
export function countParameters(sql: string): number {
  let count = 0;
  for (const [token, number] of sql.matchAll(tokens)) {
    if (/^[:@$]/.test(token)) throw new TypeError(`Named parameters are not used: ${token}.`);
    // A plain ? takes the number behind the largest one so far.
    if (number === '') count += 1;
    else if (number !== undefined) count = Math.max(count, Number(number));
  }
  return count;
}
