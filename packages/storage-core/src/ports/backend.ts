import type { Mutation, MutationResult, ResultOf } from '../values/mutations.js';
import type { EmbeddingProfile } from '../values/profile.js';
import type { AnnIndexes } from './ann-indexes.js';
import type { CallOptions } from './call-options.js';
import type { CandidateRequest, Candidates } from './candidates.js';
import type { Capabilities } from './capabilities.js';
import type { Catalog } from './catalog.js';
import type { ChangeLog } from './change-log.js';
import type { ContractVersion } from './contract-version.js';
import type { FtsIndex } from './fts-index.js';
import type { Migrator } from './migrator.js';
import type { StoreMaintenance } from './store-maintenance.js';
import type { VectorIndex } from './vector-index.js';
import type { VectorStaging } from './vector-staging.js';

/** Results of a list of mutations, typed by the kinds of the mutations. */
export type ResultsOf<M extends readonly Mutation[]> = {
  readonly [K in keyof M]: M[K] extends Mutation ? ResultOf<M[K]> : MutationResult;
};

/** Report on a store, for people. Contains no secret. */
export interface BackendReport {
  /** Name of the backend. */
  readonly backend: string;
  /** Connection string without secrets. */
  readonly location: string;
  /** Engine, such as `{ name: 'libSQL', version: 'SQLite 3.45.1' }`. */
  readonly engine: { readonly name: string; readonly version: string };
  /** Schema level of the store. */
  readonly schemaLevel: number;
  /** Number of rows of each kind; `vectors` counts chunks that have a vector. */
  readonly counts: {
    readonly libraries: number;
    readonly versions: number;
    readonly pages: number;
    readonly chunks: number;
    readonly vectors: number;
  };
  /** Embedding profile of the store; null if it has none. */
  readonly profile: EmbeddingProfile | null;
  /** Sizes in bytes by component, such as `file`, `wal`, `chunks`, `vectors`, `fullText`. */
  readonly bytes: Readonly<Record<string, number>>;
  /** Capabilities that the backend declares. */
  readonly capabilities: Capabilities;
  /** Replication state; only for a local replica of a store on a server. */
  readonly replication?: ReplicationReport | undefined;
  /** Use of the vector cache, for backends that have one. */
  readonly vectorCache?: VectorCacheReport | undefined;
  /** Use of the full-text cache, for backends that have one. */
  readonly ftsCache?: FtsCacheReport | undefined;
}

/** State of a local replica. */
export interface ReplicationReport {
  /** Address of the server whose store is replicated. */
  readonly primary: string;
  /** Number of the last WAL frame of the server that the replica has; null before the first sync. */
  readonly frame: number | null;
  /** Number of WAL frames that the last sync fetched: the lag of the replica at that time. */
  readonly framesOfLastSync: number;
  /** Time of the last sync, in ISO 8601. Later writes of others on the server may be missing. */
  readonly syncedAt: string | null;
  /** Seconds since the last sync: the maximum lag. */
  readonly secondsBehind: number | null;
  /** Error of the last attempt to sync; null if it succeeded. */
  readonly lastFailure: string | null;
}

/** Usage of the full-text cache since the backend was opened. */
export interface FtsCacheReport {
  /** Maximum size in bytes; 0 if it is off. */
  readonly limit: number;
  /** Current size in bytes. */
  readonly bytes: number;
  /** Number of cached words, phrases, versions and filters. */
  readonly entries: number;
  /** Number of words, phrases, versions and filters that searches found in the cache. */
  readonly hits: number;
  /** Number of words, phrases, versions and filters that searches had to load. */
  readonly loads: number;
  /** Number of times the cache was cleared because the index had changed. */
  readonly resets: number;
  /** Number of searches left to the engine, because they are unusual or the format of the index is unknown. */
  readonly refusals: number;
}

/** Use of the vector cache since the store was opened. */
export interface VectorCacheReport {
  /** Maximum size in bytes; 0 if it is off. */
  readonly limit: number;
  /** Current size in bytes. */
  readonly bytes: number;
  /** Number of cached versions. */
  readonly versions: number;
  /** Number of searches that found their version up to date. */
  readonly hits: number;
  /** Number of searches that first applied later writes. */
  readonly updates: number;
  /** Number of searches that first loaded or computed the whole version. */
  readonly loads: number;
  /**
   * Number of searches that streamed the stored codes of a large version and cached nothing: the first one, and all if
   * it does not fit.
   */
  readonly streamedScans: number;
  /** Number of versions dropped to stay within the limit. */
  readonly evictions: number;
  /** Number of searches without the cache, because their version would not fit. */
  readonly refusals: number;
}

/**
 * A store of libraries, versions, pages and chunks, with vector and full-text search. Everything that crosses this
 * interface is plain data, so that a backend can run in another process.
 *
 * One call is one atomic operation and, on a server, one round trip where possible. A call before `open()` or after
 * `close()` is rejected with `STORAGE_CLOSED`.
 */
export interface StorageBackend {
  /**
   * Version of these ports that the backend implements, as a literal in its source. Core refuses any other with
   * `STORAGE_CONTRACT_MISMATCH`.
   */
  readonly contractVersion: ContractVersion;
  /** Name of the backend, such as `libsql`. */
  readonly name: string;
  /** Capabilities of the backend. They never change while it exists. */
  readonly capabilities: Capabilities;
  /**
   * Bytes of text and vectors per `apply()` that block the event loop for about ten milliseconds. `addPages` and
   * `copyStore` split their writes accordingly, between pages. Absent if writes do not run on the calling thread or
   * each is a round trip.
   */
  readonly writeBytesMax?: number | undefined;
  /** Reports and migrates the schema. */
  readonly migrator: Migrator;
  /** Reads libraries, versions, pages and chunks. */
  readonly catalog: Catalog;
  /** Vector search, and the embedding profile of the store. */
  readonly vectors: VectorIndex;
  /** Full-text search. */
  readonly fts: FtsIndex;
  /**
   * Opens the store. Neither this nor any read creates, migrates or changes anything: an empty store reads as one
   * without content, and an older one at its own level. Idempotent, also if called concurrently; may be called again
   * after a failure.
   */
  open(options?: CallOptions): Promise<void>;
  /** Closes the store. Idempotent. Waits for calls in progress; later calls are rejected. */
  close(): Promise<void>;
  /**
   * Applies the mutations in order, all or none, and returns one result for each.
   *
   * @example
   * ```ts
   * const [{ versionId }, { pageId }] = await backend.apply([
   *   { kind: 'resolveVersion', library: 'fastify', version: '5.0' },
   *   {
   *     kind: 'replacePage',
   *     version: { library: 'fastify', version: '5.0' },
   *     page: { url: 'https://fastify.dev/docs/hooks' },
   *     chunks: [],
   *   },
   * ]);
   * ```
   */
  apply<const M extends readonly Mutation[]>(mutations: M, options?: CallOptions): Promise<ResultsOf<M>>;
  /** Capability `candidates`: both lists of a hybrid search in one round trip. */
  candidates?(request: CandidateRequest, options?: CallOptions): Promise<Candidates>;
  /** Fetches writes of others from the server; only on a local replica. Its own writes are visible without it. */
  sync?(options?: CallOptions): Promise<ReplicationReport>;
  /**
   * Capability `optimize`: merges what many writes left behind, for fast searches and little space. Results do not
   * change. Pays off after many writes.
   */
  optimize?(options?: CallOptions): Promise<void>;
  /** Capability `reembedding`: stages vectors of another model until they replace those of the store. */
  readonly staging?: VectorStaging;
  /** Capability `changeLog`: records changes, and takes part in moving libraries to another store. */
  readonly changeLog?: ChangeLog | undefined;
  /** Indexes of the search mode `diskann`; present if the capabilities include that mode. */
  readonly annIndexes?: AnnIndexes | undefined;
  /** Optional: checks, repairs and shrinks the store. Without it, `checkStore()` uses the audits of the other ports. */
  readonly maintenance?: StoreMaintenance | undefined;
  /** Reports engine, schema level, counts, sizes and profile of the store. */
  inspect(options?: CallOptions): Promise<BackendReport>;
}
