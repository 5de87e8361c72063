const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * Decodes a vector written as base64 of little-endian float32.
 *
 * @throws TypeError if the text is anything else.
 */
export function decodeVector(text: string): Float32Array {
  if (!base64.test(text)) throw new TypeError('"vector" is not base64.');
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length === 0 || bytes.length % 4 !== 0) {
    throw new TypeError(`"vector" has ${bytes.length} bytes; float32 components need a multiple of 4.`);
  }
  const vector = new Float32Array(bytes.length / 4);
  for (let i = 0; i < vector.length; i++) vector[i] = bytes.readFloatLE(i * 4);
  return vector;
}
