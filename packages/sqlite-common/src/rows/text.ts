import type { SqlValue } from '../driver.js';

// A byte order mark is part of the text.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Reads a text column. Text with a NUL may be stored as a blob of its UTF-8 bytes, because not every driver reads past
 * a NUL.
 */
export function toText(value: SqlValue | undefined): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return value;
  return value instanceof Uint8Array ? decoder.decode(value) : String(value);
}

/** Reads an integer column; any other value becomes the fallback. */
export function toInteger(value: SqlValue | undefined, fallback: number): number {
  return toIntegerOrNull(value) ?? fallback;
}

/** Reads an integer column; any other value becomes null. */
export function toIntegerOrNull(value: SqlValue | undefined): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null;
}
