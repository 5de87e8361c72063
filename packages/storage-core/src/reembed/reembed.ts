import { checkEmbedder } from '../embedding/check-embedder.js';
import { embedTextsThatFit } from '../embedding/embed-texts.js';
import type { Embedder } from '../embedding/embedder.js';
import { embeddingText } from '../embedding/embedding-text.js';
import { resolveDimension } from '../embedding/resolve-dimension.js';
import { isStorageError, StorageError } from '../errors/storage-error.js';
import type { StorageBackend } from '../ports/backend.js';
import type { CallOptions } from '../ports/call-options.js';
import type { StagedVector, StagingResult, UnstagedChunk, VectorStaging } from '../ports/vector-staging.js';
import { requireCapability } from '../runtime/capability-guard.js';
import { checkBackend } from '../runtime/check-capabilities.js';
import { nextTurn } from '../runtime/event-loop.js';
import { lastKey } from '../runtime/key-order.js';
import { afterPartialWrite } from '../runtime/partial-write.js';
import { isSameProfile } from '../runtime/profile-checks.js';
import { checkLimit } from '../runtime/validate.js';
import type { ChunkId } from '../values/ids.js';
import type { EmbeddingProfile, Metric } from '../values/profile.js';

/** Progress of a re-embedding. */
export interface ReembedProgress {
  /** Number of finished chunks, including those before an interruption. */
  readonly done: number;
  /** Number of chunks in total; grows if others add pages. */
  readonly total: number;
}

/** Options of {@link reembed}. */
export interface ReembedOptions extends CallOptions {
  /** Dimension of the vectors. Default: see {@link resolveDimension}. */
  readonly dimension?: number | undefined;
  /** Metric of the vectors. Default: that of the store. */
  readonly metric?: Metric | undefined;
  /** Timeout for embedding a test text, in milliseconds. Default 10,000. */
  readonly probeTimeoutMs?: number | undefined;
  /** Number of chunks read, embedded and staged together, from 1; a killed job repeats up to this many. Default 64. */
  readonly chunksPerBatch?: number | undefined;
  /**
   * Runs even if the store already has this model, for example after chunks were written without vectors. Default
   * false.
   */
  readonly force?: boolean | undefined;
  /** Called after each batch. */
  readonly onProgress?: ((progress: ReembedProgress) => void) | undefined;
}

/** Result of a re-embedding. */
export interface ReembedResult {
  /** `unchanged`: the store already had this model, and nothing was done. */
  readonly outcome: 'switched' | 'unchanged';
  /** Profile of the store now. */
  readonly profile: EmbeddingProfile;
  /** Previous profile; null if there was none. */
  readonly previous: EmbeddingProfile | null;
  /** Number of chunks finished earlier, by an interrupted job. */
  readonly resumed: number;
  /** Number of chunks embedded by this call. */
  readonly embedded: number;
  /** Number of chunks that now have a vector. */
  readonly vectors: number;
  /**
   * Number of chunks that are too large for the model, even cut to the first half; only full-text search finds them.
   */
  readonly givenUp: number;
}

const CHUNKS_PER_BATCH = 64;
/**
 * Maximum number of rounds without work in which the commit still finds unfinished chunks, written by others in
 * between.
 */
const IDLE_ROUNDS = 100;

/**
 * Changes the embedding model of an open store: embeds every chunk and stages the vectors, while searches and writes
 * use the old model; when every chunk is finished, the new vectors replace the old ones at once. Texts are built and
 * cut as when pages are added.
 *
 * After an interruption (an abort, a failure or a kill), call it again to resume. Chunks that others write during the
 * job are embedded too; the job ends once it has caught up with them. After the switch, other processes must reopen the
 * store with the new model.
 *
 * @throws StorageError `STORAGE_NOT_SUPPORTED` without the capability `reembedding`; `STORAGE_STAGING_CONFLICT` if the
 * store is being re-embedded with another model; `STORAGE_STAGING_MISSING` if another caller ended the job;
 * `STORAGE_EMBEDDING_FAILED`; `STORAGE_ABORTED` (vectors embedded so far are kept).
 *
 * @example
 * ```ts
 * const { outcome, vectors } = await reembed(backend, embedder, {
 *   onProgress: ({ done, total }) => console.log(`${done} of ${total}`),
 * });
 * ```
 */
export async function reembed(
  backend: StorageBackend,
  embedder: Embedder,
  options: ReembedOptions = {},
): Promise<ReembedResult> {
  checkBackend(backend);
  const { chunksPerBatch = CHUNKS_PER_BATCH, signal, deadline } = options;
  checkLimit(chunksPerBatch, 'chunksPerBatch', 1);
  const staging = requireStaging(backend);
  checkEmbedder(embedder);
  requireAvailable(embedder);
  const call = { signal, deadline };

  const stored = await backend.vectors.profile(call);
  const begun = await staging.status(call);
  const dimension = await resolveDimension({
    embedder,
    configured: options.dimension,
    stored: begun?.profile ?? stored,
    probeTimeoutMs: options.probeTimeoutMs,
    signal,
  });
  const request = { model: embedder.model, dimension, metric: options.metric ?? stored?.metric };
  const isWanted =
    stored !== null && isSameProfile(stored, { ...request, metric: request.metric ?? stored.metric });
  if (begun === null && isWanted && options.force !== true) {
    const { indexed } = await backend.vectors.stats(call);
    const unchanged = { resumed: 0, embedded: 0, vectors: indexed, givenUp: 0 };
    return { outcome: 'unchanged', profile: stored, previous: stored, ...unchanged };
  }

  const { profile, staged: resumed, total } = await staging.begin(request, call);
  const job = new Job({ staging, embedder, profile, chunksPerBatch, call, onProgress: options.onProgress });
  job.report(resumed, total);
  try {
    for (let rounds = 0, before = -1; ; rounds = job.embedded === before ? rounds + 1 : 0) {
      before = job.embedded;
      await job.embedMissing();
      const switched = await commitIfComplete(staging, profile, call, rounds >= IDLE_ROUNDS);
      if (switched === null) continue;
      const { previous, vectors, givenUp } = switched;
      return { outcome: 'switched', profile, previous, resumed, embedded: job.embedded, vectors, givenUp };
    }
  } catch (error) {
    if (job.embedded === 0) throw error;
    const note = `Before that, ${job.embedded} vectors were staged; the same call goes on from there.`;
    throw afterPartialWrite(error, { chunksStaged: job.embedded }, note);
  }
}

/**
 * Returns the staging port of a backend. @throws StorageError `STORAGE_NOT_SUPPORTED` without the capability
 * `reembedding`.
 */
export function requireStaging(backend: StorageBackend): VectorStaging {
  requireCapability(backend.name, backend.capabilities, 'reembedding');
  if (backend.staging === undefined) {
    throw new TypeError(`The ${backend.name} backend declares reembedding, but has no staging.`);
  }
  return backend.staging;
}

function requireAvailable(embedder: Embedder): void {
  if (embedder.available) return;
  throw new StorageError(
    'STORAGE_EMBEDDING_FAILED',
    `The embedder ${embedder.model} is not available: it has no credentials.`,
  );
}

/**
 * @returns Null if chunks were written since the last one was embedded. @throws StorageError if that cannot be the
 * reason.
 */
async function commitIfComplete(
  staging: VectorStaging,
  profile: EmbeddingProfile,
  call: CallOptions,
  isLast: boolean,
): Promise<StagingResult | null> {
  try {
    return await staging.commit(profile, call);
  } catch (error) {
    if (!isLast && isStorageError(error, 'STORAGE_STAGING_INCOMPLETE')) return null;
    throw error;
  }
}

interface JobContext {
  readonly staging: VectorStaging;
  readonly embedder: Embedder;
  readonly profile: EmbeddingProfile;
  readonly chunksPerBatch: number;
  readonly call: CallOptions;
  readonly onProgress: ((progress: ReembedProgress) => void) | undefined;
}

class Job {
  readonly #context: JobContext;
  /** Chunks embedded so far. */
  embedded = 0;
  #done = 0;
  #total = 0;

  constructor(context: JobContext) {
    this.#context = context;
  }

  report(done: number, total: number): void {
    this.#done = done;
    // Includes chunks that others have written since.
    this.#total = Math.max(total, done);
    this.#context.onProgress?.({ done: this.#done, total: this.#total });
  }

  /** Embeds all unfinished chunks; one batch is staged while the next one is being embedded. */
  async embedMissing(): Promise<void> {
    let staging: Promise<void> = Promise.resolve();
    try {
      for await (const chunks of this.#batches()) {
        const vectors = await this.#embed(chunks);
        await staging;
        staging = this.#stage(vectors);
        // Awaited in the next iteration; until then a failure must not count as unhandled.
        staging.catch(() => undefined);
      }
    } finally {
      await staging;
    }
  }

  async *#batches(): AsyncGenerator<readonly UnstagedChunk[]> {
    const { staging, chunksPerBatch: limit, call } = this.#context;
    for (let after: ChunkId = 0; ; ) {
      const chunks = await staging.missing({ after, limit }, call);
      const last = lastKey(
        chunks.map(({ chunkId }) => chunkId),
        after,
        'chunks',
      );
      if (last === null) return;
      yield chunks;
      after = last;
    }
  }

  async #embed(chunks: readonly UnstagedChunk[]): Promise<StagedVector[]> {
    const { embedder, profile, call } = this.#context;
    const inputs = chunks.map((chunk) => ({ text: embeddingText(chunk.page, chunk), url: chunk.page.url }));
    const vectors = await embedTextsThatFit(embedder, inputs, profile.dimension, call);
    return chunks.map(({ chunkId }, index) => ({ chunkId, values: vectors[index] ?? null }));
  }

  /** Without the signal: embedded vectors are kept even if the job was aborted. */
  async #stage(vectors: readonly StagedVector[]): Promise<void> {
    const { staging, profile } = this.#context;
    await staging.stage({ profile, vectors });
    this.embedded += vectors.length;
    this.report(this.#done + vectors.length, this.#total);
    await nextTurn();
  }
}
