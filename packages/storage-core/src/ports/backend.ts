import type { Mutation, MutationResult, ResultOf } from '../values/mutations.js';
import type { EmbeddingProfile } from '../values/profile.js';
import type { AnnIndexes } from './ann-indexes.js';
import type { CallOptions } from './call-options.js';
import type { CandidateRequest, Candidates } from './candidates.js';
import type { Capabilities } from './capabilities.js';
import type { Catalog } from './catalog.js';
import type { ContractVersion } from './contract-version.js';
import type { FtsIndex } from './fts-index.js';
import type { Migrator } from './migrator.js';
import type { StoreMaintenance } from './store-maintenance.js';
import type { VectorIndex } from './vector-index.js';
import type { VectorStaging } from './vector-staging.js';

/** The answers to a list of mutations, each of the kind of its mutation. */
export type ResultsOf<M extends readonly Mutation[]> = {
  readonly [K in keyof M]: M[K] extends Mutation ? ResultOf<M[K]> : MutationResult;
};

/** Report on a store, for people. Holds no secret. */
export interface BackendReport {
  /** Name of the backend. */
  readonly backend: string;
  /** The connection string without its secrets. */
  readonly location: string;
  /** Such as `{ name: 'libSQL', version: 'SQLite 3.45.1' }`. */
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
  /** Embedding profile of the store; null when it has none. */
  readonly profile: EmbeddingProfile | null;
  /** Sizes in bytes by what takes them, such as `file`, `wal`, `chunks`, `vectors`, `fullText`. */
  readonly bytes: Readonly<Record<string, number>>;
  /** Capabilities that the backend declares. */
  readonly capabilities: Capabilities;
  /** Of a local replica of a server's store only. */
  readonly replication?: ReplicationReport | undefined;
  /** For backends that keep something of the vectors in memory to search it. */
  readonly vectorCache?: VectorCacheReport | undefined;
  /** For backends that keep something of the full-text index in memory to search it. */
  readonly ftsCache?: FtsCacheReport | undefined;
}

/** State of a local replica. */
export interface ReplicationReport {
  /** Address of the server whose store is replicated. */
  readonly primary: string;
  /** Number of the last page of the server's log that the replica holds; null before the first sync. */
  readonly frame: number | null;
  /** Number of log pages that the last sync fetched: the lag of the replica at that time. */
  readonly framesOfLastSync: number;
  /** When it was last synced, ISO 8601. What others wrote on the server since then may be missing. */
  readonly syncedAt: string | null;
  /** Seconds since then: the largest lag there can be. */
  readonly secondsBehind: number | null;
  /** Why the last attempt to sync failed; null when it succeeded. */
  readonly lastFailure: string | null;
}

/** Usage of the full-text cache since the backend was opened. */
export interface FtsCacheReport {
  /** Bytes that may be used; 0 when it is off. */
  readonly limit: number;
  /** Bytes in use. */
  readonly bytes: number;
  /** Words, phrases and versions held. */
  readonly entries: number;
  /** Words, phrases and versions that a search found there. */
  readonly hits: number;
  /** Those that were read first. */
  readonly loads: number;
  /** Number of times the cache was cleared because the index had changed. */
  readonly resets: number;
  /** Searches left to the engine, because they are unusual or it keeps its index in an unknown way. */
  readonly refusals: number;
}

/** The use of the memory that a backend searches vectors in, since it was opened. */
export interface VectorCacheReport {
  /** Bytes that may be used; 0 when it is off. */
  readonly limit: number;
  /** Bytes in use. */
  readonly bytes: number;
  /** Versions held. */
  readonly versions: number;
  /** Searches that found their version as it is. */
  readonly hits: number;
  /** Searches that first applied what had been written since. */
  readonly updates: number;
  /** Searches that first read or made the whole version. */
  readonly loads: number;
  /** Searches that streamed the stored codes of a large version and cached nothing: its first, and all if it does not fit. */
  readonly streamedScans: number;
  /** Versions dropped to stay within the limit. */
  readonly evictions: number;
  /** Searches served without memory, because their version would not fit. */
  readonly refusals: number;
}

/**
 * A store of libraries, versions, pages and chunks, searched by vector and by full text. Everything that crosses this
 * border is plain data, so that a backend can run in another process.
 *
 * One call is one atomic operation and, on a server, one round trip where it can be. A call before `open()` or after
 * `close()` is rejected with `STORAGE_CLOSED`.
 */
export interface StorageBackend {
  /**
   * Version of these ports that the backend implements, as a literal in its source. Core refuses another one with
   * `STORAGE_CONTRACT_MISMATCH`.
   */
  readonly contractVersion: ContractVersion;
  /** Such as `libsql`. */
  readonly name: string;
  /** Capabilities of the backend. They never change during its life. */
  readonly capabilities: Capabilities;
  /**
   * Bytes of text and vectors that one `apply()` should carry so that it holds the event loop for some ten milliseconds.
   * `addPages` and `copyStore` divide their writes accordingly, between pages. Absent where writes do not run on the
   * calling thread or each is a round trip.
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
   * Opens the store. Neither this nor any call that reads creates, migrates or changes anything: an empty store reads as
   * one without content, one of an older level as it is. Idempotent, also when called twice at once; after a failure it
   * may be called again.
   */
  open(options?: CallOptions): Promise<void>;
  /** Closes the store. Idempotent. Waits for calls under way; later calls are refused. */
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
  /** On a local replica only: fetches what others wrote on the server. Own writes are there without it. */
  sync?(options?: CallOptions): Promise<ReplicationReport>;
  /**
   * Capability `optimize`: brings what many writes left behind into the form that is searched fastest and takes least
   * space. Changes no answer. Worth its time after much was written.
   */
  optimize?(options?: CallOptions): Promise<void>;
  /** Capability `reembedding`: vectors of another model, gathered beside those of the store until they replace them. */
  readonly staging?: VectorStaging;
  /** There when `diskann` is among the search modes: the indexes that this mode searches. */
  readonly annIndexes?: AnnIndexes | undefined;
  /** Optional: checks, repairs and shrinks the store. Without it, `checkStore()` uses the audits of the other ports. */
  readonly maintenance?: StoreMaintenance | undefined;
  /** Reports engine, schema level, counts, sizes and profile of the store. */
  inspect(options?: CallOptions): Promise<BackendReport>;
}
