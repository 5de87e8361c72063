import type { IllFormedText } from './rows/decode-rows.js';

/** Value that SQLite can bind. Integers are bound as INTEGER, other numbers as REAL. */
export type SqlValue = null | string | number | bigint | Uint8Array;

/** One row, by column name. Integers are numbers; those beyond 2^53 − 1 are bigints. Blobs are Uint8Array. */
export type SqlRow = Readonly<Record<string, SqlValue>>;

/** Changes made by a statement. */
export interface RunResult {
  readonly changes: number;
  readonly lastInsertRowid: number;
}

/**
 * Synchronous SQLite connection, independent of the driver: the subset that the SQLite backends need, without the
 * pitfalls of the bindings. Statements are prepared once and cached, the number of bound values is checked, and driver
 * errors are thrown as `StorageError`.
 */
export interface SqliteDriver {
  /** Handling of stored text that is not UTF-8. */
  readonly illFormedText: IllFormedText;
  /** Number of commits so far that may have written. Absent where errors state the outcome of a call themselves. */
  readonly commits?: number | undefined;
  /** Returns all rows of a query. */
  all<Row extends object = SqlRow>(sql: string, parameters?: readonly SqlValue[]): Row[];
  /** Returns the first row of a query, which is run to completion. */
  first<Row extends object = SqlRow>(sql: string, parameters?: readonly SqlValue[]): Row | undefined;
  /** Runs a statement that returns no rows. */
  run(sql: string, parameters?: readonly SqlValue[]): RunResult;
  /** Runs several statements without parameters. */
  exec(sql: string): void;
  /** Runs the work in one immediate transaction, which takes the write lock at once; rolls back if it throws. */
  transaction<T>(work: () => T): T;
  /** Runs the work in one read transaction, so that all its reads see the same state. */
  readTransaction<T>(work: () => T): T;
  /**
   * Returns a promise that resolves when the WAL has space for another write; null if it has now. Awaited before writes
   * and between the transactions of a long one, outside of transactions. Default: always null.
   */
  room?(): Promise<void> | null;
  /**
   * Checks that the path still leads to the open file, before another process works on the store by its path. Absent
   * where no local file is open.
   *
   * @throws StorageError `STORAGE_FILE_REPLACED`.
   */
  requireCurrent?(): void;
  close(): void;
}
