import { randomUUID } from 'node:crypto';
import { Document, type DocumentInterface } from '@langchain/core/documents';
import type { EmbeddingsInterface } from '@langchain/core/embeddings';
import { maximalMarginalRelevance } from '@langchain/core/utils/math';
import { type MaxMarginalRelevanceSearchOptions, VectorStore } from '@langchain/core/vectorstores';
import { embedTexts, fitVector } from '@switchyard/storage-core';
import { checkLimit } from '@switchyard/storage-core/backend';
import { isForeignId, toEntry } from './chunk-documents.js';
import { requireProfile, type Settings, type SwitchyardVectorStoreConfig, toSettings } from './config.js';
import { DocumentWriter } from './document-writer.js';
import { checkFilter, type DocumentFilter } from './filter.js';
import { type Found, findHybrid, findNearest } from './nearest.js';
import type { EmbeddedEntry } from './page-changes.js';
import { readPage } from './stored-pages.js';

/** Options of `addDocuments` and `addVectors`. */
export interface AddOptions {
  /** Ids of the documents, in order. Default: their own `id`, else a new UUID. */
  readonly ids?: readonly string[] | undefined;
}

/** Default of LangChain for the candidates of a search by maximal marginal relevance. */
const FETCH_K = 20;

/**
 * LangChain vector store in one version of a library of a `DocumentStore`.
 *
 * Documents with the same `metadata.source` form a page with that URL, in the order in which they are added; a document
 * without a source has a page of its own. Adding to a source keeps what is there; a document with a stored id replaces
 * it. Documents that other programs indexed are found too. Texts are embedded as they are, without title and URL.
 *
 * @example
 * ```ts
 * const embeddings = {
 *   embedDocuments: async (texts: string[]) => texts.map((text) => [1, text.length, 0, 0]),
 *   embedQuery: async (text: string) => [1, text.length, 0, 0],
 * };
 * const vectorStore = new SwitchyardVectorStore(embeddings, { store, library: 'notes' });
 * const ids = await vectorStore.addDocuments([
 *   { pageContent: 'Hooks run in order.', metadata: { source: 'https://fastify.dev/docs/hooks' } },
 * ]);
 * const [hooks] = await vectorStore.similaritySearch('order of hooks', 1);
 * console.log(hooks?.metadata.source); // https://fastify.dev/docs/hooks
 * await vectorStore.delete({ ids });
 * ```
 */
export class SwitchyardVectorStore extends VectorStore {
  /** A predicate, or the metadata that a document must have. */
  declare FilterType: DocumentFilter;
  readonly #settings: Settings;
  readonly #writer: DocumentWriter;

  /** @throws TypeError that names the field. */
  constructor(embeddings: EmbeddingsInterface, config: SwitchyardVectorStoreConfig) {
    // Without the config, which LangChain would keep for its traces.
    super(embeddings, {});
    for (const name of ['embedDocuments', 'embedQuery'] as const) {
      if (typeof embeddings?.[name] !== 'function')
        throw new TypeError(`embeddings.${name} must be a function.`);
    }
    this.#settings = toSettings(config);
    this.#writer = new DocumentWriter(this.#settings);
  }

  /** Returns `switchyard`. */
  _vectorstoreType(): string {
    return 'switchyard';
  }

  /**
   * Embeds documents, in batches, and adds them.
   *
   * @returns Their ids, in order.
   * @throws TypeError that names the document, before anything is embedded, for metadata that is not JSON; StorageError.
   */
  override async addDocuments(documents: DocumentInterface[], options: AddOptions = {}): Promise<string[]> {
    const { entries, mayExist } = toEntries(documents, options);
    const { embeddings } = this;
    const { model, dimension } = requireProfile(this.#settings.store);
    const embedder = {
      model: model ?? 'the LangChain embeddings',
      available: true,
      embed: async (texts: readonly string[]) => (await embeddings.embedDocuments([...texts])).map(toVector),
    };
    const inputs = entries.map(({ url, chunk }) => ({ text: chunk.content, url }));
    const vectors = await embedTexts(embedder, inputs, dimension);
    return this.#add(entries, vectors, mayExist);
  }

  /**
   * Adds documents whose vectors are known.
   *
   * @returns Their ids, in order.
   * @throws TypeError unless there is one vector for each document; StorageError `STORAGE_DIMENSION_MISMATCH`,
   * `STORAGE_INVALID_VECTOR`.
   */
  override async addVectors(
    vectors: number[][],
    documents: DocumentInterface[],
    options: AddOptions = {},
  ): Promise<string[]> {
    const { entries, mayExist } = toEntries(documents, options);
    if (!Array.isArray(vectors) || vectors.length !== entries.length) {
      throw new TypeError(`vectors must be an array of ${entries.length} vectors, one for each document.`);
    }
    const { dimension } = requireProfile(this.#settings.store);
    const fitted = vectors.map((vector, index) =>
      fitVector(toVector(vector), dimension, { what: `vectors[${index}]` }),
    );
    return this.#add(entries, fitted, mayExist);
  }

  /**
   * Deletes documents by id, and pages that become empty. Unknown ids are ignored.
   *
   * @throws TypeError without ids, so that a misspelled option does not look like a deletion.
   */
  override async delete(params: { readonly ids: readonly string[] }): Promise<void> {
    const ids = params?.ids;
    if (!Array.isArray(ids)) throw new TypeError('delete takes an object { ids } with an array of ids.');
    checkIds(ids);
    await this.#writer.delete(ids);
  }

  /**
   * Searches by vector only, whatever `search` says.
   *
   * @returns Documents with their scores, best first. Score: 1 / (1 + distance); with vectors of length 1 and the metric
   * `l2`, the cosine similarity is 1 − distance² / 2.
   */
  override async similaritySearchVectorWithScore(
    query: number[],
    k: number,
    filter?: DocumentFilter,
  ): Promise<[Document, number][]> {
    return toPairs(await this.#nearest(toVector(query), k, filter));
  }

  /**
   * Searches for a text.
   *
   * @param k Maximum number of documents; 0 returns none. Default 4.
   */
  override async similaritySearch(query: string, k = 4, filter?: DocumentFilter): Promise<Document[]> {
    return (await this.#find(query, k, filter)).map(({ document }) => document);
  }

  /**
   * Searches for a text.
   *
   * @returns Documents with their scores, best first: as {@link similaritySearchVectorWithScore}, or those of the fusion
   * with `search: 'hybrid'`.
   */
  override async similaritySearchWithScore(
    query: string,
    k = 4,
    filter?: DocumentFilter,
  ): Promise<[Document, number][]> {
    return toPairs(await this.#find(query, k, filter));
  }

  /** Searches by vector for documents that are near the query and unlike each other. Nothing is embedded but the query. */
  override async maxMarginalRelevanceSearch(
    query: string,
    options: MaxMarginalRelevanceSearchOptions<DocumentFilter>,
  ): Promise<Document[]> {
    const { k, fetchK = FETCH_K, lambda, filter } = options;
    checkLimit(k, 'k');
    checkLimit(fetchK, 'fetchK');
    const vector = await this.#embedQuery(query);
    const found = await this.#nearest(vector, Math.max(k, fetchK), filter);
    const stored = await this.#vectorsOf(found);
    const candidates = found.flatMap((hit) => {
      const values = stored.get(hit.chunkId);
      return values === undefined ? [] : [{ ...hit, values: [...values] }];
    });
    const { dimension } = requireProfile(this.#settings.store);
    const chosen = maximalMarginalRelevance(
      [...fitVector(vector, dimension)],
      candidates.map(({ values }) => values),
      lambda,
      k,
    );
    return chosen.flatMap((index) => candidates[index]?.document ?? []);
  }

  /**
   * Creates a vector store and adds texts.
   *
   * @param metadatas Metadata of each text, or one object for all.
   */
  static override async fromTexts(
    texts: string[],
    metadatas: object[] | object,
    embeddings: EmbeddingsInterface,
    config: SwitchyardVectorStoreConfig,
  ): Promise<SwitchyardVectorStore> {
    const documents = texts.map((pageContent, index) => {
      const metadata: object = (Array.isArray(metadatas) ? metadatas[index] : metadatas) ?? {};
      return new Document({ pageContent, metadata });
    });
    return SwitchyardVectorStore.fromDocuments(documents, embeddings, config);
  }

  /** Creates a vector store and adds documents. */
  static override async fromDocuments(
    documents: DocumentInterface[],
    embeddings: EmbeddingsInterface,
    config: SwitchyardVectorStoreConfig,
  ): Promise<SwitchyardVectorStore> {
    const vectorStore = new SwitchyardVectorStore(embeddings, config);
    await vectorStore.addDocuments(documents);
    return vectorStore;
  }

  /** Creates a vector store for documents that are stored already. */
  static async fromExistingIndex(
    embeddings: EmbeddingsInterface,
    config: SwitchyardVectorStoreConfig,
  ): Promise<SwitchyardVectorStore> {
    return new SwitchyardVectorStore(embeddings, config);
  }

  async #add(
    entries: ReturnType<typeof toEntries>['entries'],
    vectors: readonly Float32Array[],
    mayExist: boolean,
  ): Promise<string[]> {
    const embedded = entries.map((entry, index): EmbeddedEntry => {
      return { ...entry, vector: vectors[index] as Float32Array };
    });
    await this.#writer.add(embedded, mayExist);
    return entries.map(({ id }) => id);
  }

  async #find(query: string, k: number, filter: DocumentFilter | undefined): Promise<Found[]> {
    if (typeof query !== 'string') throw new TypeError('query must be a string.');
    checkLimit(k, 'k');
    if (k === 0) return [];
    const vector = await this.#embedQuery(query);
    if (this.#settings.search === 'similarity') return this.#nearest(vector, k, filter);
    checkFilter(filter);
    return findHybrid(this.#settings, query, vector, k, filter);
  }

  #nearest(query: Float32Array, k: number, filter: DocumentFilter | undefined): Promise<Found[]> {
    checkLimit(k, 'k');
    checkFilter(filter);
    return findNearest(this.#settings, query, k, filter);
  }

  async #embedQuery(query: string): Promise<Float32Array> {
    return toVector(await this.embeddings.embedQuery(query));
  }

  /** Reads the vectors of chunks from their pages. */
  async #vectorsOf(found: readonly Found[]): Promise<Map<number, Float32Array>> {
    const { store, library, version } = this.#settings;
    const pageIds = [...new Set(found.map(({ pageId }) => pageId))];
    const pages = await Promise.all(pageIds.map((id) => readPage(store.backend, { library, version }, id)));
    const chunks = pages.flatMap((page) => page?.chunks ?? []);
    return new Map(chunks.flatMap(({ id, vector }) => (vector === null ? [] : [[id, vector]])));
  }
}

function toEntries(documents: readonly DocumentInterface[], { ids }: AddOptions) {
  if (!Array.isArray(documents)) throw new TypeError('documents must be an array.');
  if (ids !== undefined) {
    if (!Array.isArray(ids) || ids.length !== documents.length) {
      throw new TypeError(`ids must be an array of ${documents.length} ids, one for each document.`);
    }
    checkIds(ids);
    const foreign = ids.findIndex(isForeignId);
    if (foreign !== -1) {
      throw new TypeError(
        `ids[${foreign}] is the id of a chunk that was not added through LangChain. Delete it, and add the document ` +
          'with another id.',
      );
    }
  }
  const given = documents.map((document: DocumentInterface, index) => {
    const own = document?.id;
    return ids?.[index] ?? (typeof own === 'string' && own !== '' && !isForeignId(own) ? own : undefined);
  });
  const entries = documents.map((document: DocumentInterface, index) =>
    toEntry(document, given[index] ?? randomUUID(), `documents[${index}]`),
  );
  const seen = new Map<string, number>();
  for (const [index, { id }] of entries.entries()) {
    const first = seen.get(id);
    if (first !== undefined)
      throw new TypeError(`documents[${index}] has the id of documents[${first}]: ${id}`);
    seen.set(id, index);
  }
  return { entries, mayExist: given.some((id) => id !== undefined) };
}

function checkIds(ids: readonly unknown[]): void {
  const wrong = ids.findIndex((id) => typeof id !== 'string' || id === '');
  if (wrong !== -1) throw new TypeError(`ids[${wrong}] must be a non-empty string.`);
}

/** Leaves anything but a list of numbers as it is: the store says what is wrong with it. */
function toVector(values: unknown): Float32Array {
  const isList = Array.isArray(values) && values.every((value) => typeof value === 'number');
  return isList ? Float32Array.from(values as number[]) : (values as Float32Array);
}

function toPairs(found: readonly Found[]): [Document, number][] {
  return found.map(({ document, score }) => [document, score]);
}
