import { createHash } from 'node:crypto';
import { escapeNul, unescapeNul } from '@switchyard/storage-core/backend';

/** Returns the stored form of a parameter: PostgreSQL has no NUL in a text. */
export function toDatabase(value: unknown): unknown {
  if (typeof value === 'string') return escapeNul(value);
  return Array.isArray(value) ? value.map(toDatabase) : value;
}

/** Returns a value as it was before {@link toDatabase}. */
export function fromDatabase(value: unknown): unknown {
  if (typeof value === 'string') return unescapeNul(value);
  return Array.isArray(value) ? value.map(fromDatabase) : value;
}

/** Longest text that is its own key, in bytes. A B-tree of PostgreSQL refuses entries of more than 2,704 bytes. */
const KEY_BYTES_MAX = 600;

/** Returns the key of a text for a unique index: itself, or its beginning and a hash if it is long. */
export function keyOf(text: string): string {
  // Both kinds end differently, so that no text is the key of another one.
  if (Buffer.byteLength(text) <= KEY_BYTES_MAX) return `${text}=`;
  return `${text.slice(0, 64)}#${createHash('sha256').update(text).digest('hex')}`;
}

/** Returns the literal of a `text[]`. Arrays of different lengths cannot be elements of one parameter. */
export function textArray(texts: readonly string[]): string {
  return `{${texts.map((text) => `"${text.replaceAll(/["\\]/g, '\\$&')}"`).join()}}`;
}

/** Returns the literal of a `real[]`. PostgreSQL reads the shortest decimal form of a float32 back exactly. */
export function realArray(vector: Float32Array): string {
  return `{${Array.from(vector, (component) => (Object.is(component, -0) ? '-0' : String(component))).join()}}`;
}

/** Reads the literal of a `real[]`. */
export function toVector(literal: string): Float32Array {
  return Float32Array.from(literal.slice(1, -1).split(','), Number);
}
