import { endianness } from 'node:os';

const LITTLE_ENDIAN = endianness() === 'LE';

/** Returns the stored form of a vector: float32, little-endian. A view, not a copy, on little-endian machines. */
export function toBlob(vector: Float32Array): Uint8Array {
  const bytes = new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
  return LITTLE_ENDIAN ? bytes : swapped(bytes);
}

/** Returns the vector in stored bytes, as a view if possible; null if they are not a vector of this dimension. */
export function fromBlob(bytes: Uint8Array | null, dimension: number): Float32Array | null {
  if (bytes?.byteLength !== dimension * Float32Array.BYTES_PER_ELEMENT) return null;
  const own = LITTLE_ENDIAN ? bytes : swapped(bytes);
  if (own.byteOffset % Float32Array.BYTES_PER_ELEMENT === 0) {
    return new Float32Array(own.buffer, own.byteOffset, dimension);
  }
  return new Float32Array(own.slice().buffer);
}

/** Returns true if every component is finite. */
export function isFiniteVector(vector: Float32Array): boolean {
  // Infinity and NaN survive in a sum, which float32 components cannot overflow.
  let sum = 0;
  for (let i = 0; i < vector.length; i++) sum += vector[i] as number;
  return Number.isFinite(sum);
}

function swapped(bytes: Uint8Array): Uint8Array {
  return Buffer.from(bytes).swap32();
}
