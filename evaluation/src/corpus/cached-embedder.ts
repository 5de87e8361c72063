import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { OfflineEmbedder } from '@switchyard/embedders';
import type { Embedder } from '@switchyard/storage-core';
import { cacheFolder } from '../folders.js';

const HASH_BYTES = 32;
const DIMENSION = 512;
const RECORD_BYTES = HASH_BYTES + DIMENSION * 4;

/** The offline model, with a file that keeps the vector of every text it has embedded. */
export class CachedEmbedder implements Embedder {
  readonly model: string;
  readonly dimension = DIMENSION;
  readonly available = true;
  readonly limits;
  readonly #embedder: OfflineEmbedder;
  readonly #file: string;
  readonly #known: Map<string, Float32Array>;

  constructor(folder = cacheFolder, workers = 1) {
    mkdirSync(folder, { recursive: true });
    this.#embedder = new OfflineEmbedder({ workers });
    this.model = this.#embedder.model;
    this.limits = this.#embedder.limits;
    this.#file = join(folder, 'vectors.bin');
    this.#known = readVectors(this.#file);
  }

  async embed(
    texts: readonly string[],
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<Float32Array[]> {
    const keys = texts.map((text) => createHash('sha256').update(text).digest('hex'));
    const missing = [...new Map(keys.map((key, index) => [key, texts[index] as string]))].filter(
      ([key]) => !this.#known.has(key),
    );
    if (missing.length > 0) {
      const vectors = await this.#embedder.embed(
        missing.map(([, text]) => text),
        options,
      );
      const records = missing.map(([key], index) => {
        const vector = vectors[index] as Float32Array;
        this.#known.set(key, vector);
        return Buffer.concat([
          Buffer.from(key, 'hex'),
          Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength),
        ]);
      });
      appendFileSync(this.#file, Buffer.concat(records));
    }
    return keys.map((key) => this.#known.get(key) as Float32Array);
  }

  /** Ends the threads of the model. */
  close(): Promise<void> {
    return this.#embedder.close();
  }
}

function readVectors(file: string): Map<string, Float32Array> {
  const known = new Map<string, Float32Array>();
  if (!existsSync(file)) return known;
  const bytes = readFileSync(file);
  const end = bytes.length - (bytes.length % RECORD_BYTES);
  // A run that was killed may have left a part of a record, behind which nothing could be read.
  if (end < bytes.length) truncateSync(file, end);
  for (let at = 0; at < end; at += RECORD_BYTES) {
    const vector = Uint8Array.from(bytes.subarray(at + HASH_BYTES, at + RECORD_BYTES));
    known.set(bytes.toString('hex', at, at + HASH_BYTES), new Float32Array(vector.buffer));
  }
  return known;
}
