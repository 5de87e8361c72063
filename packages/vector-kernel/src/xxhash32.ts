// xxHash32 by Yann Collet, from its public specification: a checksum against damage, not against malice.
// Chosen because it runs at more than a gigabyte a second in plain JavaScript (32-bit multiplications only).

const PRIME1 = 0x9e3779b1 | 0;
const PRIME2 = 0x85ebca77 | 0;
const PRIME3 = 0xc2b2ae3d | 0;
const PRIME4 = 0x27d4eb2f | 0;
const PRIME5 = 0x165667b1 | 0;

function rotate(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}

/** Returns the xxHash32 of bytes whose address is a multiple of 4, as an unsigned integer. */
export function xxhash32(bytes: Uint8Array, seed = 0): number {
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >>> 2);
  const length = bytes.byteLength;
  let at = 0;
  let hash: number;
  if (length >= 16) {
    let a = (seed + PRIME1 + PRIME2) | 0;
    let b = (seed + PRIME2) | 0;
    let c = seed | 0;
    let d = (seed - PRIME1) | 0;
    for (const end = words.length - 3; at < end; at += 4) {
      a = Math.imul(rotate((a + Math.imul(words[at] as number, PRIME2)) | 0, 13), PRIME1);
      b = Math.imul(rotate((b + Math.imul(words[at + 1] as number, PRIME2)) | 0, 13), PRIME1);
      c = Math.imul(rotate((c + Math.imul(words[at + 2] as number, PRIME2)) | 0, 13), PRIME1);
      d = Math.imul(rotate((d + Math.imul(words[at + 3] as number, PRIME2)) | 0, 13), PRIME1);
    }
    hash = (rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18)) | 0;
  } else {
    hash = (seed + PRIME5) | 0;
  }
  hash = (hash + length) | 0;
  for (; at < words.length; at++) {
    hash = Math.imul(rotate((hash + Math.imul(words[at] as number, PRIME3)) | 0, 17), PRIME4);
  }
  for (let i = at * 4; i < length; i++) {
    hash = Math.imul(rotate((hash + Math.imul(bytes[i] as number, PRIME5)) | 0, 11), PRIME1);
  }
  hash = Math.imul(hash ^ (hash >>> 15), PRIME2);
  hash = Math.imul(hash ^ (hash >>> 13), PRIME3);
  return (hash ^ (hash >>> 16)) >>> 0;
}
