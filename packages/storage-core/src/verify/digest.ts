import { createHash } from 'node:crypto';
import { endianness } from 'node:os';
import type { JsonValue } from '../values/json.js';
import type { ChunkSnapshot, PageSnapshot } from '../values/records.js';
import { isWellFormed } from '../values/well-formed.js';

const LITTLE_ENDIAN = endianness() === 'LE';

type Members = Readonly<Record<string, JsonValue | undefined>>;

/**
 * Returns the digest of a page: SHA-256 over its id, URL and title and, for each chunk in order, its id, sort order,
 * metadata, text and the bytes of its vector (little-endian float32). Pages are equal if their digests are; the order
 * of metadata keys does not matter.
 *
 * The input begins with everything except texts and vectors as JSON, including the byte length and encoding of each
 * text and the dimension of each vector; then follow the texts in UTF-8, and the vectors, end to end. A text that UTF-8
 * cannot represent is encoded as JSON.
 */
export function digestPage({ page, chunks }: PageSnapshot): string {
  const texts = chunks.map(({ content }) => (isWellFormed(content) ? content : JSON.stringify(content)));
  const head = JSON.stringify([
    page.id,
    page.url,
    page.title,
    chunks.map(({ id, sortOrder, content, metadata, vector }, index) => [
      id,
      sortOrder,
      sorted(metadata as JsonValue),
      Buffer.byteLength(texts[index] as string),
      texts[index] === content,
      vector?.length ?? null,
    ]),
  ]);
  const hash = createHash('sha256').update(head).update(texts.join(''));
  for (const { vector } of chunks) if (vector !== null) hash.update(bytesOf(vector));
  return hash.digest('hex');
}

/** Combines many digests, in order. */
export class Rollup {
  readonly #hash = createHash('sha256');

  add(...parts: readonly string[]): void {
    this.#hash.update(JSON.stringify(parts));
  }

  digest(): string {
    return this.#hash.digest('hex');
  }
}

/** Returns true if two values are equal as JSON, with keys in any order. */
export function sameJson(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (isSame(a, b)) return true; // the usual case, and much faster than comparing JSON
  return JSON.stringify(sorted(a ?? null)) === JSON.stringify(sorted(b ?? null));
}

/** Returns true if two values are equal member by member. May be false for values that are equal as JSON. */
function isSame(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  const [ofA, ofB] = [a as Members, b as Members];
  const keys = Object.keys(ofA);
  if (Array.isArray(a) !== Array.isArray(b) || keys.length !== Object.keys(ofB).length) return false;
  return keys.every((key) => Object.hasOwn(ofB, key) && isSame(ofA[key], ofB[key]));
}

/** Returns true if two vectors have the same bytes. */
export function sameVector(a: ChunkSnapshot['vector'], b: ChunkSnapshot['vector']): boolean {
  if (a === null || b === null) return a === b;
  return Buffer.compare(bytesOf(a), bytesOf(b)) === 0;
}

function bytesOf(vector: Float32Array): Uint8Array {
  const bytes = Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);
  return LITTLE_ENDIAN ? bytes : Buffer.from(bytes).swap32();
}

function sorted(value: JsonValue): JsonValue {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  const entries = Object.entries(value as Members);
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, member]) => [key, sorted(member ?? null)]),
  );
}
