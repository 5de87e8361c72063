/** Float32 values, or their little-endian bytes as a database returns them. */
export type VectorData = Float32Array | Uint8Array;

const word = new Float32Array(1);
const bits = new Uint32Array(word.buffer);

/** Returns the smallest float32 that is not less than `value` (≥ 0), so that a stored upper bound remains valid. */
export function roundUpToFloat32(value: number): number {
  word[0] = value;
  if ((word[0] as number) < value) bits[0] = (bits[0] as number) + 1;
  return word[0] as number;
}

/**
 * Reads packed float32 data. Bytes are viewed, not copied, unless they are not aligned to 4.
 *
 * @throws RangeError unless the length is `count × dimension`.
 */
export function asFloat32(data: VectorData, count: number, dimension: number): Float32Array {
  const values = data instanceof Float32Array ? data : viewBytes(data);
  if (values.length !== count * dimension) {
    throw new RangeError(
      `Expected ${count} vector(s) of dimension ${dimension}, that is ${count * dimension} values, got ${values.length}`,
    );
  }
  return values;
}

function viewBytes(data: Uint8Array): Float32Array {
  if (!(data instanceof Uint8Array)) {
    throw new TypeError('Vectors must be a Float32Array or a Uint8Array of little-endian float32 bytes');
  }
  if (data.byteLength % 4 !== 0) {
    throw new RangeError(`${data.byteLength} bytes are not a whole number of float32 values`);
  }
  const aligned = alignedBytes(data, 4);
  return new Float32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4);
}

/** Returns the bytes at an address that is a multiple of `alignment`; copies them only if necessary. */
export function alignedBytes(bytes: Uint8Array, alignment: number): Uint8Array {
  // Not bytes.slice(): a Buffer's slice is a view of the same, still unaligned, memory.
  return bytes.byteOffset % alignment === 0 ? bytes : new Uint8Array(bytes);
}

/** All stored data is little-endian and read through typed arrays, which use the byte order of the host. */
export function assertLittleEndianHost(): void {
  if (new Uint8Array(Uint32Array.of(1).buffer)[0] !== 1) {
    throw new RangeError('@switchyard/vector-kernel supports little-endian machines only');
  }
}
