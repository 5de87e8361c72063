import { type Embedder, type EmbedderLimits, StorageError } from '@switchyard/storage-core';
import { WorkerPool } from './worker-pool.js';

/** How an {@link OfflineEmbedder} works. */
export interface OfflineEmbedderOptions {
  /** Threads that each hold the model (about 250 MB). Default 1; as many as cores for indexing. */
  readonly workers?: number | undefined;
  /**
   * The name under which stores remember the model, for a store that was written under another one. Default
   * `energetic-ai:use-lite-512`.
   */
  readonly model?: string | undefined;
}

/** The name under which stores remember the model. */
export const OFFLINE_MODEL = 'energetic-ai:use-lite-512';

const DIMENSION = 512;

/** Texts a thread takes at once. Measured: 4 to 16 are equally fast, fewer and more are slower. */
const TEXTS_PER_JOB = 8;

/**
 * The Universal Sentence Encoder Lite (Cer et al., 2018) from the npm packages of EnergeticAI, in WebAssembly: no
 * network, no key. Vectors have 512 components and length 1 (within 1e-6); the same text has the same vector, bit for
 * bit, whatever it is embedded together with. The model reads the first 128 tokens of a text, in documentation about
 * 300 to 500 characters. It is made for English.
 *
 * It works in threads, so that the event loop stays free; the first call loads the model (about half a second).
 *
 * @example
 * ```ts
 * const embedder = new OfflineEmbedder();
 * const store = await DocumentStore.open({ backend, embedder, onModelChange: 'reset' });
 * ```
 */
export class OfflineEmbedder implements Embedder {
  readonly model: string;
  readonly dimension = DIMENSION;
  readonly available = true;
  readonly limits: EmbedderLimits = { maxTexts: 64, maxCharacters: 1_000_000 };
  readonly #pool: WorkerPool;
  readonly #workers: number;

  /** @throws TypeError when `workers` is not a whole number from 1 to 64. */
  constructor({ workers = 1, model = OFFLINE_MODEL }: OfflineEmbedderOptions = {}) {
    if (!Number.isSafeInteger(workers) || workers < 1 || workers > 64) {
      throw new TypeError(`workers must be a whole number from 1 to 64, not ${String(workers)}.`);
    }
    this.model = model;
    this.#workers = workers;
    this.#pool = new WorkerPool(workers);
  }

  /** @throws StorageError `STORAGE_ABORTED`, `STORAGE_EMBEDDING_FAILED`; TypeError for what is no text. */
  async embed(
    texts: readonly string[],
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<readonly Float32Array[]> {
    for (const text of texts) {
      if (typeof text !== 'string') throw new TypeError(`A text must be a string, not ${typeof text}.`);
    }
    const size = Math.min(TEXTS_PER_JOB, Math.ceil(texts.length / this.#workers));
    const jobs: Promise<Float32Array>[] = [];
    for (let start = 0; start < texts.length; start += size) {
      jobs.push(this.#pool.run(texts.slice(start, start + size), signal));
    }
    try {
      return (await Promise.all(jobs)).flatMap(cutIntoVectors);
    } catch (cause) {
      if (signal?.aborted === true) {
        throw new StorageError('STORAGE_ABORTED', 'The embedding was aborted by its caller.', { cause });
      }
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new StorageError('STORAGE_EMBEDDING_FAILED', `The offline model failed: ${reason}`, { cause });
    }
  }

  /** Stops the threads at once. Not needed for the process to end; a later `embed` starts them again. */
  close(): Promise<void> {
    return this.#pool.close();
  }
}

/** Each vector in memory of its own: a few that are kept must not hold on to all. */
function cutIntoVectors(vectors: Float32Array): Float32Array[] {
  const list: Float32Array[] = [];
  for (let start = 0; start < vectors.length; start += DIMENSION) {
    list.push(vectors.slice(start, start + DIMENSION));
  }
  return list;
}
