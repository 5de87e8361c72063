import { createHash } from 'node:crypto';
import { endianness } from 'node:os';
import type { JsonValue } from '../values/json.js';
import type { ChunkSnapshot, PageSnapshot } from '../values/records.js';
import { isWellFormed } from '../values/well-formed.js';

const LITTLE_ENDIAN = endianness() === 'LE';

type Members = Readonly<Record<string, JsonValue | undefined>>;

/**
 * The digest of a page: SHA-256 over its id, URL and title and, for each chunk in order, its id, place, metadata, text
 * and the bytes of its vector (little-endian float32). Two stores hold the same page when it is the same; keys of
 * metadata count in any order.
 *
 * First stands all but texts and vectors, as JSON with the bytes of each text, whether it stands as it is, and the
 * components of each vector; then the texts, in UTF-8, and then the vectors, end to end. A text that UTF-8 cannot say
 * stands as JSON.
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

/** One digest of many, in their order. */
export class Rollup {
  readonly #hash = createHash('sha256');

  add(...parts: readonly string[]): void {
    this.#hash.update(JSON.stringify(parts));
  }

  digest(): string {
    return this.#hash.digest('hex');
  }
}

/** Returns true when two values are equal as JSON, in any order of keys. */
export function sameJson(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (isSame(a, b)) return true; // as a rule, and much sooner than by texts
  return JSON.stringify(sorted(a ?? null)) === JSON.stringify(sorted(b ?? null));
}

/** Returns true when two values are equal member by member. May be false for values that are equal as JSON. */
function isSame(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  const [ofA, ofB] = [a as Members, b as Members];
  const keys = Object.keys(ofA);
  if (Array.isArray(a) !== Array.isArray(b) || keys.length !== Object.keys(ofB).length) return false;
  return keys.every((key) => Object.hasOwn(ofB, key) && isSame(ofA[key], ofB[key]));
}

/** Returns true when two vectors have the same bytes. */
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
