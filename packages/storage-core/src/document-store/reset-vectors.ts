import type { Embedder } from '../embedding/embedder.js';
import { knownDimension } from '../embedding/known-models.js';
import { resolveDimension } from '../embedding/resolve-dimension.js';
import type { StorageBackend } from '../ports/backend.js';
import type { CallOptions } from '../ports/call-options.js';
import type { EmbeddingProfile, Metric } from '../values/profile.js';

/** Options of `DocumentStore.resetVectors()`. */
export interface ResetVectorsOptions extends CallOptions {
  /** Model of the vectors to come. Default: the model of the embedder, else that of the store. */
  readonly model?: string | undefined;
  /** Dimension of the vectors to come. Default: that of the model. */
  readonly dimension?: number | undefined;
  /** Metric of the store. Default: unchanged. */
  readonly metric?: Metric | undefined;
}

/** Result of `DocumentStore.resetVectors()`. */
export interface VectorReset {
  /** Profile of the store now. */
  readonly profile: EmbeddingProfile;
  /** Previous profile; null if there was none. */
  readonly previous: EmbeddingProfile | null;
  /** Number of vectors dropped. */
  readonly vectorsDropped: number;
}

/** Embedder and profile of an open store. */
interface KnownVectors {
  readonly embedder: Embedder | null;
  readonly profile: EmbeddingProfile | null;
}

/** Implements `DocumentStore.resetVectors`. */
export async function resetVectors(
  backend: StorageBackend,
  { embedder, profile }: KnownVectors,
  options: ResetVectorsOptions,
): Promise<VectorReset> {
  const stored = await backend.vectors.profile(options);
  const current = stored ?? profile;
  const model = options.model ?? embedder?.model ?? current?.model ?? null;
  const configured = options.dimension ?? dimensionOf(model, profile);
  const { signal } = options;
  const dimension =
    embedder !== null && embedder.model === model
      ? await resolveDimension({ embedder, configured, stored, signal })
      : (configured ?? dimensionOf(model, stored) ?? knownDimension(model ?? ''));
  if (dimension === undefined) {
    throw new TypeError(
      model === null
        ? 'resetVectors needs a model and a dimension: the store has neither an embedder nor an embedding profile.'
        : `resetVectors needs the dimension of ${model}, which is not a known model.`,
    );
  }
  // A store that has not adopted its profile yet keeps the metric it was opened with.
  const metric = options.metric ?? (stored === null ? profile?.metric : undefined);
  return backend.vectors.reconcile({ model, dimension, metric }, 'reset', options);
}

function dimensionOf(model: string | null, profile: EmbeddingProfile | null): number | undefined {
  return profile !== null && profile.model === model ? profile.dimension : undefined;
}
