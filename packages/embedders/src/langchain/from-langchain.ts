import type { Embedder } from '@switchyard/storage-core';

/** The used part of LangChain's `EmbeddingsInterface`. */
export interface LangChainEmbeddings {
  embedDocuments(documents: string[]): Promise<number[][]>;
  embedQuery(document: string): Promise<number[]>;
}

/** Options of {@link fromLangChain}. */
export interface FromLangChainOptions extends Pick<Embedder, 'dimension' | 'limits' | 'truncatable'> {
  /** Provider and model, such as `openai:text-embedding-3-small`; recorded in the store. */
  readonly model: string;
}

/**
 * Turns LangChain embeddings into an {@link Embedder}: pages go to `embedDocuments`, searches to `embedQuery`.
 *
 * @throws TypeError for anything but LangChain embeddings, or without a model.
 *
 * @example
 * ```ts
 * const embeddings = {
 *   embedDocuments: async (texts: string[]) => texts.map((text) => [text.length, 1]),
 *   embedQuery: async (text: string) => [text.length, 1],
 * }; // such as `new OpenAIEmbeddings({ model: 'text-embedding-3-small' })`
 * const fromTheirs = fromLangChain(embeddings, { model: 'example:letters' });
 * ```
 */
export function fromLangChain(embeddings: LangChainEmbeddings, options: FromLangChainOptions): Embedder {
  for (const name of ['embedDocuments', 'embedQuery'] as const) {
    if (typeof embeddings?.[name] !== 'function')
      throw new TypeError(`embeddings.${name} must be a function.`);
  }
  // Callers in plain JavaScript may leave the options out.
  const { model, dimension, limits, truncatable }: Partial<FromLangChainOptions> = options ?? {};
  if (typeof model !== 'string' || model === '') {
    throw new TypeError(
      "model must be a non-empty string: fromLangChain(embeddings, { model: 'provider:model' }).",
    );
  }
  return {
    model,
    dimension,
    limits,
    truncatable,
    available: true,
    embed: async (texts) => {
      const vectors: unknown = await embeddings.embedDocuments([...texts]);
      return (Array.isArray(vectors) ? vectors.map(toVector) : vectors) as Float32Array[];
    },
    embedQuery: async (text) => toVector(await embeddings.embedQuery(text)),
  };
}

/** Leaves anything but a list of numbers as it is: the store says what is wrong with it. */
function toVector(values: unknown): Float32Array {
  const isList = Array.isArray(values) && values.every((value) => typeof value === 'number');
  return isList ? Float32Array.from(values as number[]) : (values as Float32Array);
}
