/**
 * The application stores a vector as a JSON array in `documents.embedding`; the triggers of the store convert it to the
 * bytes of the index. JSON written by this module converts to exactly the bytes it was made from.
 */

/** Powers of ten up to which a short decimal is tried: 9 significant digits always suffice for a float32. */
const SCALES = [1e7, 1e8, 1e9, 1e10, 1e11, 1e12] as const;

/** Writes a finite vector as a JSON array, with few digits, that reads back as the same float32 values. */
export function toEmbeddingJson(vector: Float32Array): string {
  const texts = new Array<string>(vector.length);
  for (let i = 0; i < vector.length; i++) texts[i] = toShortDecimal(vector[i] as number);
  return `[${texts.join(',')}]`;
}

function toShortDecimal(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0';
  const magnitude = Math.abs(value);
  if (magnitude < 1000 && magnitude > 1e-5) {
    for (const scale of SCALES) {
      const rounded = Math.round(value * scale) / scale;
      if (Math.fround(rounded) === value) return String(rounded);
    }
  }
  return String(value);
}

/** Stored embedding of a chunk: a valid vector, or the reason why it is not. */
export type StoredEmbedding =
  | { readonly vector: Float32Array; readonly fault?: undefined }
  | { readonly vector: null; readonly fault: string };

/** Parses a value of `documents.embedding`, which must not be NULL. */
export function readEmbedding(stored: unknown, dimension: number): StoredEmbedding {
  if (typeof stored !== 'string') return { vector: null, fault: 'The embedding is not text.' };
  let parsed: unknown;
  try {
    parsed = JSON.parse(stored);
  } catch {
    return { vector: null, fault: 'The embedding is not valid JSON.' };
  }
  if (!Array.isArray(parsed)) return { vector: null, fault: 'The embedding is not a JSON array.' };
  if (parsed.length !== dimension) {
    return {
      vector: null,
      fault: `The embedding has ${parsed.length} components; this store holds vectors of ${dimension}.`,
    };
  }
  const vector = new Float32Array(dimension);
  for (let i = 0; i < dimension; i++) {
    const component: unknown = parsed[i];
    if (typeof component !== 'number' || !Number.isFinite(Math.fround(component))) {
      return { vector: null, fault: `Component ${i} of the embedding is not a finite number.` };
    }
    vector[i] = component;
  }
  return { vector };
}

/** Converts a vector to the bytes that vec0 and libSQL store: little-endian float32. */
export function toBlob(vector: Float32Array): Uint8Array {
  return new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
}

/** Reads a vector from a blob of the index. */
export function fromBlob(blob: Uint8Array): Float32Array {
  // Copied, because the blob of a driver may not be aligned to four bytes.
  return new Float32Array(blob.slice().buffer);
}

/** Returns true if every component is finite. */
export function isFiniteVector(vector: Float32Array): boolean {
  return vector.every((component) => Number.isFinite(component));
}

/** Returns true if two blobs are equal. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
