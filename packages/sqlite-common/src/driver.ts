import type { IllFormedText } from './rows/decode-rows.js';

/** What SQLite can bind. Whole numbers are bound as INTEGER, others as REAL. */
export type SqlValue = null | string | number | bigint | Uint8Array;

/** One row, by column name. Integers are numbers; those beyond 2^53 − 1 are bigints. Blobs are Uint8Array. */
export type SqlRow = Readonly<Record<string, SqlValue>>;

/** What a statement changed. */
export interface RunResult {
  readonly changes: number;
  readonly lastInsertRowid: number;
}

/**
 * A synchronous SQLite connection, the same whatever driver is underneath: the little that the adapters of the SQLite
 * family need, without the traps of the bindings. Statements are prepared once and kept. The number of bound values is
 * checked. Driver errors leave it as `StorageError`.
 */
export interface SqliteDriver {
  /** What becomes of stored text that is not UTF-8. */
  readonly illFormedText: IllFormedText;
  /** All rows of a query. */
  all<Row extends object = SqlRow>(sql: string, parameters?: readonly SqlValue[]): Row[];
  /** The first row of a query, run to its end. */
  first<Row extends object = SqlRow>(sql: string, parameters?: readonly SqlValue[]): Row | undefined;
  /** A statement that returns no rows. */
  run(sql: string, parameters?: readonly SqlValue[]): RunResult;
  /** Several statements without parameters. */
  exec(sql: string): void;
  /** Runs the work in one transaction that is immediate (it takes the write lock at once); rolls back when it throws. */
  transaction<T>(work: () => T): T;
  /** Runs the work in one read transaction, so that all its reads see the same state. */
  readTransaction<T>(work: () => T): T;
  /**
   * Resolves when there is room for a write; null when there is now. Awaited before a call that writes and between
   * the transactions of a long one, outside of transactions. Default: there always is.
   */
  room?(): Promise<void> | null;
  close(): void;
}
