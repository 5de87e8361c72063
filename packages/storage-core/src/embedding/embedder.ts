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
  /** Provider and model, such as `openai:text-embedding-3-small`; recorded in the store. */
  readonly model: string;
  /** Dimension of its vectors, if known. */
  readonly dimension?: number | undefined;
  /** False if it cannot work, for example without credentials: the store is then searched by full text only. */
  readonly available: boolean;
  /** Limits of one call. Default, also for missing members: {@link defaultEmbedderLimits}. */
  readonly limits?: Partial<EmbedderLimits> | undefined;
  /**
   * Returns one vector for each text, in order.
   *
   * @throws StorageError `STORAGE_EMBEDDING_TOO_LARGE` if the texts are too many or too long for one call (they are
   * then retried in smaller parts); any other error ends the indexing of the page.
   */
  embed(
    texts: readonly string[],
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<readonly Float32Array[]>;
}

/** Limits of one call to an {@link Embedder}. */
export interface EmbedderLimits {
  /** Maximum number of texts per call, from 1. */
  readonly maxTexts: number;
  /** Maximum total length of the texts per call, in UTF-16 code units. */
  readonly maxCharacters: number;
}

/** Limits of an {@link Embedder} that declares none: small enough for a local model and for most endpoints. */
export const defaultEmbedderLimits: EmbedderLimits = { maxTexts: 64, maxCharacters: 100_000 };
