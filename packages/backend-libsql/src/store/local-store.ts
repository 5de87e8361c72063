import type { SqliteDriver } from '@switchyard/sqlite-common';
import type { MaintenanceOptions, ReclaimReport } from '@switchyard/storage-core';

/** A store whose database is in this process: a file, or memory. */
export interface LocalStore {
  /** While there is no file, its connection is to an empty database in memory, which must not be written to. */
  readonly driver: SqliteDriver;
  /** True if no other process can see the store. */
  readonly isPrivate: boolean;
  /**
   * Connects to the file once it exists, whoever created it; must be called before each call, outside of transactions.
   * Returns null if there is nothing to do.
   *
   * @param create creates a file that does not exist
   * @throws StorageError as `openFile` does.
   */
  attach(create: boolean): Promise<void> | null;
  /**
   * Prepares the file for the first write: enables the WAL and, while the file is empty, sets its page size. Both stay
   * with the file, so only a writer does this.
   */
  prepare(): void;
  /** Must be called when the schema is current. From then on, what is written is written for callers. */
  schemaReady(): void;
  /** See `StoreMaintenance.reclaim`. */
  reclaim(options: MaintenanceOptions | undefined): Promise<ReclaimReport>;
  /**
   * Closes the connection. Afterwards nothing of the file is held, unless another store has it open.
   *
   * @throws StorageError `STORAGE_FILE_REPLACED` if something was written and the path leads to another file by now.
   */
  close(): Promise<void>;
}
