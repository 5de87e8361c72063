/**
 * Turns texts into vectors.
 *
 * @example
 * ```ts
 * const embedder: Embedder = {
 *   model: 'example:letters',
 *   dimension: 2,
 *   available: true,
 *   limits: { maxTexts: 64, maxCharacters: 100_000 },
 *   embed: async (texts) => texts.map((text) => Float32Array.of(text.length, 1)),
 * };
 * ```
 */
export interface Embedder {
  /** Provider and model, such as `openai:text-embedding-3-small`: what the store remembers. */
  readonly model: string;
  /** The length of its vectors, when it knows. */
  readonly dimension?: number | undefined;
  /** False when it cannot work, as without credentials: the store is then searched by words only. */
  readonly available: boolean;
  /** What one call may carry. Default, also for a bound that is missing: {@link defaultEmbedderLimits}. */
  readonly limits?: Partial<EmbedderLimits> | undefined;
  /**
   * One vector for each text, in order.
   *
   * @throws StorageError `STORAGE_EMBEDDING_TOO_LARGE` when the texts are too many or too long for one call (they are
   * then sent in smaller parts); any other error ends the indexing of the page.
   */
  embed(
    texts: readonly string[],
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<readonly Float32Array[]>;
}

/** The bounds of one call to an {@link Embedder}. */
export interface EmbedderLimits {
  /** Maximum number of texts per call, from 1. */
  readonly maxTexts: number;
  /** Over all texts of the call, in UTF-16 code units. */
  readonly maxCharacters: number;
}

/** The bounds of an {@link Embedder} that names none: small enough for a local model and for most endpoints. */
export const defaultEmbedderLimits: EmbedderLimits = { maxTexts: 64, maxCharacters: 100_000 };
