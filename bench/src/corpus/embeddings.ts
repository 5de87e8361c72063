import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, truncateSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { OfflineEmbedder } from '@switchyard/embedders';
import type { Progress } from '../harness/progress.js';
import { cacheFolder } from './cache.js';

/** Dimension of the offline model. */
export const REAL_DIMENSION = 512;

const HASH_BYTES = 32;
const RECORD_BYTES = HASH_BYTES + REAL_DIMENSION * 4;
const TEXTS_A_BATCH = 64;
/** Maximum number of workers, each with its own copy of the model in memory. */
const MAX_WORKERS = 4;

/**
 * Embeds real texts with the offline sentence model, each only once: embeddings are cached in the user's cache folder
 * by the hash of the text, and an interrupted run resumes.
 */
export async function embedOnce(texts: readonly string[], progress: Progress): Promise<Float32Array[]> {
  const file = join(cacheFolder(), 'use-lite-512.bin');
  const known = readCache(file);
  const keys = texts.map(hash);
  const missing = [...new Map(keys.map((key, index) => [key, texts[index] as string]))].filter(
    ([key]) => !known.has(key),
  );
  if (missing.length > 0) {
    const embedder = new OfflineEmbedder({ workers: Math.min(MAX_WORKERS, availableParallelism()) });
    progress.say(`Embedding ${missing.length} texts with ${embedder.model}, once; cached in ${file}`);
    try {
      for (let start = 0; start < missing.length; start += TEXTS_A_BATCH) {
        const batch = missing.slice(start, start + TEXTS_A_BATCH);
        const vectors = await embedder.embed(batch.map(([, text]) => text));
        const records = batch.map(([key], index) => {
          const vector = vectors[index] as Float32Array;
          known.set(key, vector);
          return Buffer.concat([
            Buffer.from(key, 'hex'),
            Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength),
          ]);
        });
        appendFileSync(file, Buffer.concat(records));
        progress.step(start + batch.length, missing.length, 'texts embedded');
      }
    } finally {
      await embedder.close();
    }
  }
  return keys.map((key) => known.get(key) as Float32Array);
}

function readCache(file: string): Map<string, Float32Array> {
  const known = new Map<string, Float32Array>();
  if (!existsSync(file)) return known;
  const bytes = readFileSync(file);
  const end = bytes.length - (bytes.length % RECORD_BYTES);
  // A killed run may have left an incomplete record, after which nothing could be appended.
  if (end < bytes.length) truncateSync(file, end);
  for (let at = 0; at < end; at += RECORD_BYTES) {
    const key = bytes.toString('hex', at, at + HASH_BYTES);
    const vector = bytes.subarray(at + HASH_BYTES, at + RECORD_BYTES);
    // Copied, because a Float32Array must be aligned.
    known.set(key, new Float32Array(Uint8Array.from(vector).buffer));
  }
  return known;
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
