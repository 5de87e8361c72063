import type { CompareQuery } from '@switchyard/storage-compare';
import { type DocumentStore, type Embedder, StorageError } from '@switchyard/storage-core';
import type { CommandContext } from '../command-context.js';
import { chooseForSearch, closeEmbedder } from '../embedding/choose-embedder.js';
import type { LoadedQuery } from './load-queries.js';

/** Texts that are embedded at once. */
const BATCH = 32;

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
        return (
          vector ??
          (embedder === null ? null : made.get(embedder)?.get(text)) ??
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
      const own = new Map<string, Float32Array>();
      for (const batch of batchesOf(unique, embedder)) {
        const vectors = await embedder.embed(batch, { signal: this.#signal });
        for (const [index, text] of batch.entries()) {
          const vector = vectors[index];
          if (vector === undefined) {
            throw new StorageError(
              'STORAGE_EMBEDDING_FAILED',
              `The embedder ${embedder.model} returned ${vectors.length} vectors for ${batch.length} texts.`,
            );
          }
          own.set(text, vector);
        }
      }
      made.set(embedder, own);
    }
    return made;
  }
}

/** Cuts texts into calls that the embedder takes; a text alone may be too long, which the embedder itself reports. */
function* batchesOf(texts: readonly string[], { limits }: Embedder): Generator<string[]> {
  const { maxTexts = BATCH, maxCharacters = 100_000 } = limits ?? {};
  let batch: string[] = [];
  let characters = 0;
  for (const text of texts) {
    if (
      batch.length >= Math.min(BATCH, maxTexts) ||
      (batch.length > 0 && characters + text.length > maxCharacters)
    ) {
      yield batch;
      batch = [];
      characters = 0;
    }
    batch.push(text);
    characters += text.length;
  }
  if (batch.length > 0) yield batch;
}
