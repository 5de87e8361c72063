import type { CompareQuery } from '@switchyard/storage-compare';
import { type DocumentStore, type Embedder, embedQueries, fitVector } from '@switchyard/storage-core';
import type { CommandContext } from '../command-context.js';
import { chooseForSearch, closeEmbedder } from '../embedding/choose-embedder.js';
import type { LoadedQuery } from './load-queries.js';

/** Makes the vectors of queries, for each store with its own model. Every model is loaded once. */
export class QueryVectors {
  readonly #stores: readonly DocumentStore[];
  /** One for each store; null for full text only. */
  readonly #embedders: readonly (Embedder | null)[];
  readonly #signal: AbortSignal;

  private constructor(
    stores: readonly DocumentStore[],
    embedders: readonly (Embedder | null)[],
    signal: AbortSignal,
  ) {
    this.#stores = stores;
    this.#embedders = embedders;
    this.#signal = signal;
  }

  /** @param spec Value of `--embedder`; `none` for full text only. */
  static choose(
    { env, output, signal }: CommandContext,
    stores: readonly DocumentStore[],
    names: readonly string[],
    spec: string | undefined,
  ): QueryVectors {
    const known = new Map<string, Embedder>();
    const embedders = stores.map(({ profile }, index) => {
      const { embedder, note } = chooseForSearch(spec, profile, env);
      if (note !== null) output.note(`${names[index]}: ${note}`);
      if (embedder === null) return null;
      const first = known.get(embedder.model) ?? embedder;
      known.set(embedder.model, first);
      return first;
    });
    return new QueryVectors(stores, embedders, signal);
  }

  /**
   * Gives each query its vectors: those of the file, else made by the store's model, else, for a query drawn from a store
   * whose model is not at hand, that of the chunk it was drawn from.
   */
  async complete(
    queries: readonly LoadedQuery[],
    { ftsOnly, useChunks }: { readonly ftsOnly: boolean; readonly useChunks: boolean },
  ): Promise<CompareQuery[]> {
    const texts = queries.filter(({ vector }) => vector === null).map(({ text }) => text);
    const made = ftsOnly ? new Map<Embedder, Map<string, Float32Array>>() : await this.#embed(texts);
    return queries.map(({ library, version, text, limit, vector, chunkVector, intent }) => ({
      library,
      version: version ?? '',
      text,
      limit,
      intent: intent ?? undefined,
      vectors: this.#stores.map(({ profile }, index) => {
        if (ftsOnly || profile === null) return null;
        const embedder = this.#embedders[index] ?? null;
        const own = embedder === null ? undefined : made.get(embedder)?.get(text);
        return (
          vector ??
          (own === undefined || embedder === null ? null : fitVector(own, profile.dimension, { embedder })) ??
          (useChunks && chunkVector?.length === profile.dimension ? chunkVector : null)
        );
      }),
    }));
  }

  async close(): Promise<void> {
    for (const embedder of new Set(this.#embedders)) await closeEmbedder(embedder);
  }

  async #embed(texts: readonly string[]): Promise<Map<Embedder, Map<string, Float32Array>>> {
    const unique = [...new Set(texts)];
    const made = new Map<Embedder, Map<string, Float32Array>>();
    for (const embedder of new Set(this.#embedders)) {
      if (embedder === null) continue;
      const vectors = await embedQueries(embedder, unique, { signal: this.#signal });
      made.set(embedder, new Map(unique.map((text, index) => [text, vectors[index] as Float32Array])));
    }
    return made;
  }
}
