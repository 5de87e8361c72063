import {
  commit,
  decodeRows,
  type RowDecoding,
  type RunResult,
  type SqliteDriver,
  type SqlRow,
  type SqlValue,
  type StoreFile,
} from '@switchyard/sqlite-common';
import type Database from 'better-sqlite3';
import { BACKEND_NAME } from '../capabilities.js';

type Statement = Database.Statement<unknown[], Record<string, unknown>>;

interface PreparedStatement {
  readonly statement: Statement;
  /** Highest number of a `?N` parameter; 0 for a statement with plain `?` parameters. */
  readonly numbered: number;
}

/** Exceeds the number of statements of the adapter; bounds memory if a caller builds statements at run time. */
const KEPT_STATEMENTS = 200;

/** Applications wrote lone surrogates to these stores, which read as U+FFFD. */
const DECODING: RowDecoding = { illFormedText: 'replace', backend: BACKEND_NAME };

/** {@link SqliteDriver} over a connection of better-sqlite3. */
export class BetterSqlite3Driver implements SqliteDriver {
  readonly illFormedText = 'replace';
  readonly #mapError: (error: unknown) => unknown;
  #database: Database.Database;
  #commits = 0;
  #file: StoreFile | null;
  readonly #statements = new Map<string, PreparedStatement>();

  /**
   * @param mapError Maps errors of better-sqlite3 to those that leave the adapter.
   * @param file Open file, checked at every commit. Default: none.
   */
  constructor(
    database: Database.Database,
    mapError: (error: unknown) => unknown,
    file: StoreFile | null = null,
  ) {
    this.#database = database;
    this.#file = file;
    this.#mapError = mapError;
    // better-sqlite3 would round large integers, so they are read as bigints and converted to numbers where that is
    // exact.
    database.defaultSafeIntegers(true);
  }

  all<Row extends object = SqlRow>(sql: string, parameters: readonly SqlValue[] = []): Row[] {
    return this.#guard(() => {
      const prepared = this.#prepare(sql);
      const rows = prepared.statement.all(...toBindings(prepared, parameters));
      return decodeRows(rows, DECODING) as unknown as Row[];
    });
  }

  first<Row extends object = SqlRow>(sql: string, parameters: readonly SqlValue[] = []): Row | undefined {
    // get() stops the statement after its first row, which would cut `INSERT … RETURNING` short.
    return this.all<Row>(sql, parameters)[0];
  }

  run(sql: string, parameters: readonly SqlValue[] = []): RunResult {
    return this.#guard(() => {
      const prepared = this.#prepare(sql);
      const { changes, lastInsertRowid } = prepared.statement.run(...toBindings(prepared, parameters));
      if (changes > 0 && !this.#database.inTransaction) {
        this.#commits++;
        this.#file?.committed();
      }
      return { changes, lastInsertRowid: Number(lastInsertRowid) };
    });
  }

  get commits(): number {
    return this.#commits;
  }

  exec(sql: string): void {
    this.#exec(sql);
    if (!this.#database.inTransaction) this.#commits++; // such as VACUUM
  }

  transaction<T>(work: () => T): T {
    if (this.#database.inTransaction) return work();
    const result = this.#within('BEGIN IMMEDIATE', () => {
      const done = work();
      this.#file?.requireCurrent('not-applied');
      return done;
    });
    this.#commits++;
    this.#file?.committed();
    return result;
  }

  readTransaction<T>(work: () => T): T {
    return this.#within('BEGIN', work);
  }

  /** Closes the connection and replaces it. Must not be called in a transaction. */
  switchTo(database: Database.Database, file: StoreFile | null): void {
    this.close();
    database.defaultSafeIntegers(true);
    this.#database = database;
    this.#file = file;
  }

  requireCurrent(): void {
    this.#file?.requireCurrent('not-applied');
  }

  close(): void {
    this.#statements.clear();
    try {
      this.#guard(() => this.#database.close());
    } finally {
      this.#file?.release();
    }
    this.#file?.closed();
  }

  /** Marks the schema as complete: later writes are made for callers. */
  ready(): void {
    this.#file?.opened('legacy');
  }

  #exec(sql: string): void {
    this.#guard(() => this.#database.exec(sql));
  }

  /** A transaction requested inside of another one becomes part of it. */
  #within<T>(begin: string, work: () => T): T {
    if (this.#database.inTransaction) return work();
    this.#exec(begin);
    try {
      const result = work();
      commit(() => this.#exec('COMMIT'));
      return result;
    } finally {
      // Still open: the work or COMMIT threw. SQLite itself may have rolled back, for example on a full disk.
      if (this.#database.inTransaction) this.#exec('ROLLBACK');
    }
  }

  #prepare(sql: string): PreparedStatement {
    const kept = this.#statements.get(sql);
    if (kept !== undefined) return kept;
    const statement = this.#database.prepare<unknown[], Record<string, unknown>>(sql);
    const numbers = Array.from(sql.matchAll(/\?(\d+)/g), ([, number]) => Number(number));
    const prepared = { statement, numbered: Math.max(0, ...numbers) };
    const oldest = this.#statements.keys().next();
    if (this.#statements.size >= KEPT_STATEMENTS && oldest.done !== true) {
      this.#statements.delete(oldest.value);
    }
    this.#statements.set(sql, prepared);
    return prepared;
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      // Programming mistakes, such as the wrong number of parameters.
      if (error instanceof TypeError) throw error;
      if (error instanceof RangeError) throw new TypeError(error.message, { cause: error });
      throw this.#mapError(error);
    }
  }
}

/** better-sqlite3 treats the parameter `?2` as a named one called `2`. */
function toBindings({ numbered }: PreparedStatement, parameters: readonly SqlValue[]): unknown[] {
  if (numbered === 0) return [parameters.map(toBindable)];
  if (parameters.length !== numbered) {
    throw new TypeError(`The statement takes ${numbered} parameters, not ${parameters.length}.`);
  }
  return [Object.fromEntries(parameters.map((value, index) => [index + 1, toBindable(value)]))];
}

/** better-sqlite3 binds every number as REAL, which vec0 rejects for its integer columns. */
function toBindable(value: SqlValue): SqlValue {
  return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value;
}
