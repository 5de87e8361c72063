import type { ChunkId } from '@switchyard/storage-core';

/** Returns the stored form of ids: float64, little-endian, as in the kernel's blocks. Null for none. */
export function packIds(ids: Iterable<ChunkId>): Uint8Array | null {
  const values = Float64Array.from(ids);
  return values.length === 0 ? null : new Uint8Array(values.buffer);
}

/** Returns the ids in stored bytes. */
export function unpackIds(bytes: Uint8Array | null): Float64Array {
  if (bytes === null) return new Float64Array(0);
  const own = bytes.byteOffset % Float64Array.BYTES_PER_ELEMENT === 0 ? bytes : bytes.slice();
  return new Float64Array(own.buffer, own.byteOffset, own.byteLength / Float64Array.BYTES_PER_ELEMENT);
}
