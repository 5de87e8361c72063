import type { SqlValue } from '../driver.js';

// A byte order mark is part of the text.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * A text column. Texts that hold a NUL may stand in a store as blobs of their UTF-8 bytes, because not every driver
 * reads past a NUL.
 */
export function toText(value: SqlValue | undefined): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return value;
  return value instanceof Uint8Array ? decoder.decode(value) : String(value);
}

/** A column of whole numbers; what is none reads as the given number. */
export function toInteger(value: SqlValue | undefined, otherwise: number): number {
  return toIntegerOrNull(value) ?? otherwise;
}

/** A column of whole numbers; what is none reads as null. */
export function toIntegerOrNull(value: SqlValue | undefined): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null;
}
