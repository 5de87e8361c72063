import type { ChunkStore, RolloutWrite, SqliteDriver } from '@switchyard/sqlite-common';
import type {
  BackendReport,
  CallOptions,
  EmbeddingProfile,
  MaintenanceOptions,
  Mutation,
  ReclaimReport,
  ReplicationReport,
} from '@switchyard/storage-core';
import type { ResultsOf } from '@switchyard/storage-core/backend';
import type { SchemaState } from '../schema/state.js';
import type { StoreSearch } from '../search/store-search.js';

/**
 * An open store, whatever its location: the connection, and everything that is done differently in a local store, on a
 * server and in a replica. Implemented once for each of these; callers never ask which one they have.
 */
export interface Session {
  readonly driver: SqliteDriver;
  readonly search: StoreSearch;
  /** True if no other process can see the store, so that its schema is created at opening. */
  readonly isPrivate: boolean;

  /** Runs one call of a port on the connection. */
  call<T>(options: CallOptions | undefined, work: () => T | Promise<T>): T | Promise<T>;
  /**
   * Connects to a store that was created after opening. Must be called before each call, outside of transactions. Returns
   * null if there is nothing to do.
   *
   * @param create creates a store that does not exist
   */
  attach(create: boolean): Promise<void> | null;
  /**
   * Refuses a database that contains something else, or a store of newer software.
   *
   * @throws StorageError `STORAGE_SCHEMA_UNSUPPORTED`, `STORAGE_SCHEMA_TOO_NEW`.
   */
  requireStore(state: SchemaState): void;
  /** Prepares the database for the first write. */
  prepare(): void;
  /** Must be called when the schema is current. From then on, what is written is written for callers. */
  schemaReady(): void;
  /** Waits until the schema that was just created is visible. */
  awaitSchema(options: CallOptions | undefined): Promise<void>;

  /** See `StorageBackend.apply`. */
  apply<const M extends readonly Mutation[]>(mutations: M, rollout: RolloutWrite): ResultsOf<M>;
  /** Returns what writes the chunks of one transaction. */
  chunkStore(): ChunkStore;
  /** Rewrites the code logs after all vectors were replaced, in the same transaction, or leaves that to a later writer. */
  recodeVectors(profile: EmbeddingProfile): void;
  /** See `StorageBackend.optimize`. */
  optimize(options: CallOptions | undefined): Promise<void>;
  /** See `StoreMaintenance.reclaim`. */
  reclaim(options: MaintenanceOptions | undefined): Promise<ReclaimReport>;
  /** See `StorageBackend.sync`. Only of replicas. */
  sync?(): ReplicationReport;
  /** Returns the parts of a report that depend on the location. */
  report(): Pick<BackendReport, 'vectorCache' | 'ftsCache' | 'replication'>;
  /** Closes the connection and releases what it held. */
  close(): Promise<void>;
}

/** Runs one call of a port on the session that it reads or writes. */
export type SessionRunner = <T>(
  options: CallOptions | undefined,
  work: (session: Session) => T | Promise<T>,
) => Promise<T>;

/** Runners for the calls of a port. */
export interface SessionRunners {
  readonly read: SessionRunner;
  readonly write: SessionRunner;
}
