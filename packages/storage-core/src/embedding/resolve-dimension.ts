import { StorageError } from '../errors/storage-error.js';
import type { EmbeddingProfile } from '../values/profile.js';
import { asQueryEmbedder } from './embed-query.js';
import type { Embedder } from './embedder.js';
import { tooFewComponents } from './fit-vector.js';
import { knownDimension } from './known-models.js';
import { requireVectors } from './require-vectors.js';

/** Sources of {@link resolveDimension}, in order of precedence. */
export interface DimensionSources {
  /** Embedder of the store. */
  readonly embedder: Embedder;
  /** Dimension configured by the application. */
  readonly configured?: number | undefined;
  /** Profile of the store; null without one. */
  readonly stored: EmbeddingProfile | null;
  /** Timeout for embedding a test text, in milliseconds. Default 10,000. */
  readonly probeTimeoutMs?: number | undefined;
  /** Aborts embedding the test text. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Resolves the dimension of the store: the configured one, else the stored one for this model, else the known one of
 * the model, else the one found by embedding a test text. Above the dimension of the model, vectors are padded with
 * zeros; below it, they are cut, which only a `truncatable` embedder allows.
 *
 * @throws TypeError unless it is a positive integer; StorageError `STORAGE_DIMENSION_MISMATCH`, before anything is
 * embedded, if it is below the known dimension of a model that is not `truncatable`; `STORAGE_EMBEDDING_FAILED`.
 *
 * @example
 * ```ts
 * const stored = await backend.vectors.profile();
 * const dimension = await resolveDimension({ embedder, stored });
 * ```
 */
export async function resolveDimension(sources: DimensionSources): Promise<number> {
  const { embedder, configured, stored } = sources;
  const ofModel = embedder.dimension ?? knownDimension(embedder.model);
  const dimension =
    configured ??
    (stored?.model === embedder.model ? stored.dimension : undefined) ??
    ofModel ??
    (await probe(sources));
  if (!Number.isSafeInteger(dimension) || dimension < 1) {
    throw new TypeError(`The embedding dimension must be a positive integer, not ${String(dimension)}.`);
  }
  if (ofModel !== undefined && dimension < ofModel && embedder.truncatable !== true) {
    const origin = configured === undefined ? 'dimension of the store' : 'configured dimension';
    throw tooFewComponents(`The ${origin} is ${dimension}`, embedder, ofModel, dimension);
  }
  return dimension;
}

async function probe({ embedder, probeTimeoutMs = 10_000, signal }: DimensionSources): Promise<number> {
  const timeout = AbortSignal.timeout(probeTimeoutMs);
  const either = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
  // An embedder that ignores its signal must not block the opening of a store.
  const stopped = new Promise<never>((_, reject) => {
    either.addEventListener('abort', () => reject(either.reason), { once: true });
  });
  try {
    // Queries and documents have the same dimension; a query costs the least.
    const probed = asQueryEmbedder(embedder).embed(['dimension'], { signal: either });
    const vectors = await Promise.race([probed, stopped]);
    const [vector] = requireVectors(vectors, 1);
    return (vector as Float32Array).length;
  } catch (cause) {
    if (signal?.aborted === true) {
      throw new StorageError('STORAGE_ABORTED', 'Opening the store was aborted by its caller.', { cause });
    }
    const reason = cause instanceof Error ? cause.message : String(cause);
    const why = timeout.aborted ? `no answer within ${probeTimeoutMs} ms` : reason.replace(/\.$/, '');
    throw new StorageError(
      'STORAGE_EMBEDDING_FAILED',
      `The dimension of ${embedder.model} could not be determined by embedding a test text: ${why}.`,
      { cause },
    );
  }
}
