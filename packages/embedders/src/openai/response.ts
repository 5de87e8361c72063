import type { StorageError } from '@switchyard/storage-core';

/**
 * Parses the response of an embeddings endpoint and returns the vectors in the order of the texts. Accepts base64 of
 * little-endian float32 and lists of numbers, regardless of the requested encoding.
 *
 * @param fail Builds the error for an invalid response.
 */
export function readVectors(
  body: unknown,
  count: number,
  dimensions: number | undefined,
  fail: (message: string) => StorageError,
): Float32Array[] {
  const data = isObject(body) ? body.data : undefined;
  if (!Array.isArray(data)) throw fail('the answer holds no list of embeddings.');
  if (data.length !== count) throw fail(`the answer holds ${data.length} embeddings for ${count} texts.`);
  const vectors = new Array<Float32Array | undefined>(count).fill(undefined);
  for (const [position, item] of data.entries()) {
    if (!isObject(item)) throw fail(`embedding ${position} is not an object.`);
    const index = item.index ?? position;
    if (typeof index !== 'number' || !(index in vectors))
      throw fail(`embedding ${position} has no valid index.`);
    if (vectors[index] !== undefined) throw fail(`two embeddings have the index ${index}.`);
    vectors[index] = readVector(item.embedding, (why) => fail(`embedding ${index} ${why}.`));
  }
  return vectors.map((vector, index) => {
    const expected = dimensions ?? vectors[0]?.length;
    if (vector === undefined || vector.length === 0) throw fail(`embedding ${index} is empty.`);
    if (vector.length !== expected) {
      throw fail(`embedding ${index} has ${vector.length} components, not ${expected}.`);
    }
    if (!vector.every(Number.isFinite)) throw fail(`embedding ${index} is not finite.`);
    return vector;
  });
}

function readVector(value: unknown, fail: (why: string) => StorageError): Float32Array {
  if (typeof value === 'string') return decodeBase64(value, fail);
  if (!Array.isArray(value)) throw fail(`is ${value === null ? 'null' : typeof value}, not a vector`);
  const wrong = value.findIndex((component) => typeof component !== 'number');
  if (wrong >= 0) {
    const kind = value[wrong] === null ? 'null' : typeof value[wrong];
    throw fail(`is not a vector: its component ${wrong} is ${kind}, not a number`);
  }
  return Float32Array.from(value);
}

function decodeBase64(text: string, fail: (why: string) => StorageError): Float32Array {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length === 0 || bytes.length % 4 !== 0) throw fail('is not a vector in base64');
  const vector = new Float32Array(bytes.length / 4);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let i = 0; i < vector.length; i++) vector[i] = view.getFloat32(i * 4, true);
  return vector;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
