import type { CallOptions } from '../ports/call-options.js';
import { embedTexts } from './embed-texts.js';
import type { Embedder } from './embedder.js';

/** Options of {@link embedQuery} and {@link embedQueries}. */
export interface EmbedQueryOptions extends CallOptions {
  /** Dimension of the store that is searched; the vector is fitted to it, see {@link fitVector}. Default: unchanged. */
  readonly dimension?: number | undefined;
}

/**
 * Embeds a search text: by `embedQuery` of the embedder if it has one, else by `embed`. A text that is too large is cut
 * to its first half once. `DocumentStore.search` does this by itself.
 *
 * @throws StorageError like {@link embedTexts}.
 *
 * @example
 * ```ts
 * const vector = await embedQuery(embedder, 'declare routes', { dimension: store.profile?.dimension });
 * const hits = await store.search('fastify', '5.0', 'declare routes', { vector });
 * ```
 */
export async function embedQuery(
  embedder: Embedder,
  text: string,
  options?: EmbedQueryOptions,
): Promise<Float32Array> {
  const [vector] = await embedQueries(embedder, [text], options);
  return vector as Float32Array;
}

/**
 * Embeds search texts like {@link embedQuery}, in batches if the embedder does not tell queries from documents.
 *
 * @returns One vector for each text, in order.
 *
 * @example
 * ```ts
 * const [routes, hooks] = await embedQueries(embedder, ['declare routes', 'order of hooks']);
 * ```
 */
export async function embedQueries(
  embedder: Embedder,
  texts: readonly string[],
  { dimension, signal, deadline }: EmbedQueryOptions = {},
): Promise<Float32Array[]> {
  const inputs = texts.map((text) => ({ text, url: 'the query' }));
  return embedTexts(asQueryEmbedder(embedder), inputs, dimension, { signal, deadline });
}

/** Returns an embedder whose documents are the queries of the given one. */
export function asQueryEmbedder(embedder: Embedder): Embedder {
  const { model, available, dimension, truncatable, limits } = embedder;
  if (embedder.embedQuery === undefined) return embedder;
  return {
    model,
    available,
    dimension,
    truncatable,
    limits: { ...limits, maxTexts: 1 },
    embed: (texts, options) =>
      Promise.all(texts.map(async (text) => (await embedder.embedQuery?.(text, options)) as Float32Array)),
  };
}
