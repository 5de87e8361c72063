import { decodeVector } from './decode.js';

/** Stored embedding of a chunk: a vector of the store, or the reason why it is invalid. */
export type StoredEmbedding =
  | { readonly vector: Float32Array; readonly fault?: undefined }
  | { readonly vector: null; readonly fault: string };

const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * Parses a value of `documents.embedding`, which must not be NULL.
 *
 * @param isText True if it is stored as text, as the application always does.
 * @param scratch Array of the store's dimension; the result is a view of it and valid until the next call.
 */
export function readEmbedding(bytes: Uint8Array, isText: boolean, scratch: Float32Array): StoredEmbedding {
  if (!isText) return fault('The embedding is not text.');
  if (decodeVector(bytes, scratch)) return finite(scratch);
  let parsed: unknown;
  try {
    parsed = JSON.parse(decoder.decode(bytes));
  } catch {
    return fault('The embedding is not valid JSON.');
  }
  if (!Array.isArray(parsed)) return fault('The embedding is not a JSON array.');
  if (parsed.length !== scratch.length) {
    return fault(
      `The embedding has ${parsed.length} components; this store has vectors of ${scratch.length}.`,
    );
  }
  for (let i = 0; i < scratch.length; i++) {
    const component: unknown = parsed[i];
    if (typeof component !== 'number') return fault(`Component ${i} of the embedding is not a number.`);
    scratch[i] = component;
  }
  return finite(scratch);
}

function finite(vector: Float32Array): StoredEmbedding {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) sum += vector[i] as number;
  if (Number.isFinite(sum)) return { vector };
  const at = vector.findIndex((component) => !Number.isFinite(component));
  return fault(`Component ${at} of the embedding is not finite in float32.`);
}

function fault(text: string): StoredEmbedding {
  return { vector: null, fault: text };
}
