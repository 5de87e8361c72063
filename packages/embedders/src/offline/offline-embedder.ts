import { type Embedder, type EmbedderLimits, StorageError } from '@switchyard/storage-core';
import { WorkerPool } from './worker-pool.js';

/** Options of an {@link OfflineEmbedder}. */
export interface OfflineEmbedderOptions {
  /** Number of threads, each with its own copy of the model (about 250 MB). Default: 1; use one per core for indexing. */
  readonly workers?: number | undefined;
  /**
   * Model name recorded in stores; set it for a store that was written under another name. Default:
   * `energetic-ai:use-lite-512`.
   */
  readonly model?: string | undefined;
}

/** Default model name recorded in stores. */
export const OFFLINE_MODEL = 'energetic-ai:use-lite-512';

const DIMENSION = 512;

/** Number of texts per job. Measured: 4 to 16 are equally fast; fewer or more are slower. */
const TEXTS_PER_JOB = 8;

/**
 * Embeds texts with the Universal Sentence Encoder Lite (Cer et al., 2018) from the npm packages of EnergeticAI, in
 * WebAssembly: no network, no key. Vectors have 512 components and length 1 (within 1e-6). A text always gets the same
 * vector, bit for bit, regardless of the other texts in a batch. The model is made for English and reads the first 128
 * tokens of a text (about 300 to 500 characters of documentation).
 *
 * Runs in worker threads, so the event loop is not blocked; the first call loads the model (about half a second).
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

  /** @throws TypeError if `workers` is not an integer from 1 to 64. */
  constructor({ workers = 1, model = OFFLINE_MODEL }: OfflineEmbedderOptions = {}) {
    if (!Number.isSafeInteger(workers) || workers < 1 || workers > 64) {
      throw new TypeError(`workers must be an integer from 1 to 64, not ${String(workers)}.`);
    }
    this.model = model;
    this.#workers = workers;
    this.#pool = new WorkerPool(workers);
  }

  /**
   * Embeds texts.
   *
   * @throws StorageError `STORAGE_ABORTED`, `STORAGE_EMBEDDING_FAILED`; TypeError for values that are not strings.
   */
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

  /** Stops the threads immediately. Optional: the process can exit without it. A later `embed` restarts them. */
  close(): Promise<void> {
    return this.#pool.close();
  }
}

/** Copies each vector, so that keeping a few does not keep all of them in memory. */
function cutIntoVectors(vectors: Float32Array): Float32Array[] {
  const list: Float32Array[] = [];
  for (let start = 0; start < vectors.length; start += DIMENSION) {
    list.push(vectors.slice(start, start + DIMENSION));
  }
  return list;
}
