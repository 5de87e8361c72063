import type { DocumentStore, EmbeddingProfile } from '@switchyard/storage-core';
import { normalizeLibraryName, normalizeVersionName } from '@switchyard/storage-core/backend';

/** Configuration of a `SwitchyardVectorStore`. */
export interface SwitchyardVectorStoreConfig {
  /** Open store, with an embedder of the same model as the embeddings. The caller closes it. */
  readonly store: DocumentStore;
  /** Library that holds the documents; created by the first document. */
  readonly library: string;
  /** Version of the library. Default: the unversioned one. */
  readonly version?: string | undefined;
  /**
   * Search of `similaritySearch`, `similaritySearchWithScore` and the retriever: `similarity` by vector only, as other
   * vector stores do; `hybrid` by vector and full text, fused by rank, which finds names and identifiers better. Default
   * `similarity`.
   */
  readonly search?: 'similarity' | 'hybrid' | undefined;
}

/** {@link SwitchyardVectorStoreConfig} with the defaults filled in and names in stored form. */
export interface Settings {
  readonly store: DocumentStore;
  readonly library: string;
  readonly version: string;
  readonly search: 'similarity' | 'hybrid';
}

/** @throws TypeError that names the field. */
export function toSettings(config: SwitchyardVectorStoreConfig): Settings {
  if (typeof config !== 'object' || config === null) {
    throw new TypeError('SwitchyardVectorStore takes an object { store, library, version }.');
  }
  const { store, library, version = '', search = 'similarity' } = config;
  if (typeof store?.search !== 'function' || typeof store.backend?.apply !== 'function') {
    throw new TypeError('store must be a DocumentStore, such as DocumentStore.open(…) returns.');
  }
  if (search !== 'similarity' && search !== 'hybrid') {
    throw new TypeError(`search must be 'similarity' or 'hybrid', not ${String(search)}.`);
  }
  requireProfile(store);
  return {
    store,
    library: normalizeLibraryName(library),
    version: normalizeVersionName(version),
    search,
  };
}

/** Returns the profile of a store. @throws TypeError if it has none, so that vectors have neither model nor dimension. */
export function requireProfile({ profile }: DocumentStore): EmbeddingProfile {
  if (profile !== null) return profile;
  throw new TypeError(
    'The store has no embedding profile: open it with an embedder, such as fromLangChain(embeddings, { model }) of ' +
      '@switchyard/embedders/langchain.',
  );
}
