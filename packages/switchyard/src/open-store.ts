import { SwitchyardContainer } from '@switchyard/storage-container/standalone';
import {
  type AuthToken,
  DocumentStore,
  type DocumentStoreOptions,
  type Embedder,
  StorageError,
} from '@switchyard/storage-core';
import type { BackendDefinition } from '@switchyard/storage-core/backend';
import { loadBackends } from './load-backends.js';

/** Options of {@link openStore}. */
export interface OpenStoreOptions extends Omit<DocumentStoreOptions, 'backend' | 'embedder'> {
  /**
   * Embeds pages and queries: `offline` for the model inside npm packages, `openai:MODEL` for an OpenAI-compatible
   * endpoint, `none` for full-text search only, or an {@link Embedder} of your own. Default `none`.
   */
  readonly embedder?: Embedder | string | undefined;
  /** Token of a server, or a function that returns one. Default: the variable that the backend documents, if set. */
  readonly authToken?: AuthToken | undefined;
  /** Fails with `STORAGE_NOT_FOUND` if the store does not exist. Default false: the first write creates it. */
  readonly mustExist?: boolean | undefined;
  /** Backends of others, for connection strings with their schemes. Default: none. */
  readonly backends?: readonly BackendDefinition[] | undefined;
}

/**
 * Opens the store that a connection string names, with its backend and embedder. Backends and embedders are loaded when
 * they are needed.
 *
 * @param connectionString A path, `:memory:`, `libsql://HOST`, `https://HOST` or `file:PATH?syncUrl=URL`, or a string of
 * another backend.
 * @throws StorageError `STORAGE_CONNECTION_STRING` for a string that no backend understands, `STORAGE_NOT_SUPPORTED` if the
 * package of its backend is not installed, `STORAGE_EMBEDDING_FAILED` for an unknown embedder or one without credentials,
 * and what `DocumentStore.open()` throws.
 *
 * @example
 * ```ts
 * const store = await openStore('docs.db', { embedder: 'offline' });
 * const hits = await store.search('fastify', '5.0', 'how are routes declared');
 * await store.close();
 * ```
 */
export async function openStore(
  connectionString: string,
  options: OpenStoreOptions = {},
): Promise<DocumentStore> {
  const { embedder, authToken, mustExist, backends = [], ...rest } = options;
  const builtIn = await loadBackends(String(connectionString).trim());
  const container = new SwitchyardContainer([...backends, ...builtIn]);
  const backend = container.createBackend(connectionString, { authToken, mustExist });
  return DocumentStore.open({ ...rest, backend, embedder: await loadEmbedder(embedder) });
}

/**
 * An embedder that was named but cannot work is an error here: `DocumentStore` would store pages without vectors, and the
 * store would be found incomplete much later.
 */
async function loadEmbedder(embedder: Embedder | string | undefined): Promise<Embedder | undefined> {
  if (typeof embedder !== 'string') return embedder;
  if (embedder.trim() === 'none') return undefined;
  const { createEmbedder } = await import('@switchyard/embedders');
  const created = createEmbedder(embedder);
  if (created?.available === false) {
    throw new StorageError(
      'STORAGE_EMBEDDING_FAILED',
      `The embedder ${created.model} has no credentials. Set OPENAI_API_KEY, or pass embedder: 'offline' or 'none'.`,
    );
  }
  return created;
}
