import { createHash } from 'node:crypto';
import { endianness } from 'node:os';
import type { JsonValue } from '../values/json.js';
import type { ChunkSnapshot, PageSnapshot } from '../values/records.js';

const LITTLE_ENDIAN = endianness() === 'LE';

/**
 * The digest of a page: SHA-256 over its id, URL and title and, for each chunk in order, its id, place, text, metadata
 * and the bytes of its vector (little-endian float32). Two stores hold the same page when it is the same; keys of
 * metadata count in any order.
 */
export function digestPage({ page, chunks }: PageSnapshot): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([page.id, page.url, page.title, chunks.length]));
  for (const { id, sortOrder, content, metadata, vector } of chunks) {
    hash.update(
      JSON.stringify([id, sortOrder, content, sorted(metadata as JsonValue), vector?.length ?? null]),
    );
    if (vector !== null) hash.update(bytesOf(vector));
  }
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

/** Whether two values are the same JSON; keys count in any order. */
export function sameJson(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (JSON.stringify(a ?? null) === JSON.stringify(b ?? null)) return true; // as a rule in the same order, too
  return JSON.stringify(sorted(a ?? null)) === JSON.stringify(sorted(b ?? null));
}

/** Whether two vectors are the same bytes. */
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
  const entries = Object.entries(value as Readonly<Record<string, JsonValue | undefined>>);
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, member]) => [key, sorted(member ?? null)]),
  );
}
