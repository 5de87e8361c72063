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
 *
 * @example
 * A model that embeds queries and documents differently, such as E5:
 * ```ts
 * const embed = async (texts: readonly string[]) => texts.map((text) => Float32Array.of(text.length, 1));
 * const asymmetric: Embedder = {
 *   model: 'example:e5',
 *   available: true,
 *   embed: (texts) => embed(texts.map((text) => `passage: ${text}`)),
 *   embedQuery: async (text) => (await embed([`query: ${text}`]))[0] ?? new Float32Array(),
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
  /**
   * True if the first components of a vector are a usable vector themselves (Matryoshka models): a store may then be
   * given a smaller dimension, see {@link fitVector}. Default false: such a dimension is refused.
   */
  readonly truncatable?: boolean | undefined;
  /** Limits of one call. Default, also for missing members: {@link defaultEmbedderLimits}. */
  readonly limits?: Partial<EmbedderLimits> | undefined;
  /**
   * Returns one vector for each document, in order.
   *
   * @throws StorageError `STORAGE_EMBEDDING_TOO_LARGE` if the texts are too many or too long for one call (they are
   * then retried in smaller parts); any other error ends the indexing of the page.
   */
  embed(
    texts: readonly string[],
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<readonly Float32Array[]>;
  /**
   * Returns the vector of a search text, for models that embed queries and documents differently. Fails as `embed`
   * does. Default: `embed` of this one text.
   */
  readonly embedQuery?:
    | ((text: string, options?: { readonly signal?: AbortSignal | undefined }) => Promise<Float32Array>)
    | undefined;
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
