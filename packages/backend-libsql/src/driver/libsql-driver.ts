import {
  commit,
  type IllFormedText,
  type RowDecoding,
  type RunResult,
  type SqliteDriver,
  type SqlRow,
  type SqlValue,
  toStorageError,
  withDamageNamed,
} from '@switchyard/sqlite-common';
import { isStorageError } from '@switchyard/storage-core';
import type Database from 'libsql';
import { BACKEND_NAME } from '../capabilities.js';
import { forgetFrames } from './collect-garbage.js';
import { countParameters, toBound } from './parameters.js';
import { toRows } from './rows.js';

/** Options of a {@link LibsqlDriver}. */
export interface LibsqlDriverOptions {
  /** Opens a connection, ready for use. Called again if the current one can no longer be used. */
  readonly connect: () => Database.Database;
  /** Called with a connection before it is closed. It is closed even if this fails. */
  readonly finish?: ((database: Database.Database) => void) | undefined;
  /** Called after a write, with the number of changed rows. May throw. */
  readonly committed?: ((rowsChanged: number) => void) | undefined;
  /** Called before a write transaction is committed. May throw, which rolls it back. */
  readonly committing?: (() => void) | undefined;
  /** See {@link SqliteDriver.room}. */
  readonly room?: (() => Promise<void> | null) | undefined;
  /** The store, without secrets, for messages. */
  readonly location: string;
  /** Handling of stored text that is not UTF-8. Default `refuse`. */
  readonly illFormedText?: IllFormedText | undefined;
  /** True if a new connection sees the same data; false for a database in memory. Default true. */
  readonly reconnects?: boolean | undefined;
}

interface Prepared {
  readonly statement: Database.Statement;
  readonly parameters: number;
}

/**
 * The `libsql` binding without its pitfalls. Values are always bound as one array of the right length, integers as
 * integers. Rows contain only the selected columns. `get()`, which does not run a statement to completion, is not used.
 * Text is read as bytes and decoded here, because the binding ends the process on text that is not UTF-8. A connection
 * that found the database locked is replaced, because its statement would stay in progress and block every later COMMIT.
 */
export class LibsqlDriver implements SqliteDriver {
  readonly illFormedText: IllFormedText;
  readonly #options: LibsqlDriverOptions;
  readonly #decoding: RowDecoding;
  readonly #prepared = new Map<string, Prepared>();
  #database: Database.Database | null;
  #commits = 0;
  #inTransaction = false;
  #rowsChanged = 0;
  /** True if the connection must be replaced before it is used again. */
  #spoiled = false;
  #closed = false;

  constructor(options: LibsqlDriverOptions) {
    const { illFormedText = 'refuse', location } = options;
    this.illFormedText = illFormedText;
    this.#options = options;
    this.#decoding = { illFormedText, backend: BACKEND_NAME, location };
    this.#database = this.#guard(options.connect);
  }

  all<Row extends object = SqlRow>(sql: string, parameters: readonly SqlValue[] = []): Row[] {
    return this.#guard(() => {
      const rows = this.#prepare(sql, parameters).all(parameters.map(toBound));
      return toRows(sql, rows, this.#decoding) as unknown as Row[];
    });
  }

  first<Row extends object = SqlRow>(sql: string, parameters: readonly SqlValue[] = []): Row | undefined {
    return this.all<Row>(sql, parameters)[0];
  }

  run(sql: string, parameters: readonly SqlValue[] = []): RunResult {
    return this.#guard(() => {
      const { changes, lastInsertRowid } = this.#prepare(sql, parameters).run(parameters.map(toBound));
      this.#rowsChanged += changes;
      if (changes > 0 && !this.#inTransaction) {
        this.#commits++;
        this.#options.committed?.(changes);
      }
      return { changes, lastInsertRowid: Number(lastInsertRowid) };
    });
  }

  get commits(): number {
    return this.#commits;
  }

  exec(sql: string): void {
    this.#exec(sql);
    if (!this.#inTransaction) this.#commits++; // such as VACUUM
  }

  transaction<T>(work: () => T): T {
    if (this.#inTransaction) throw new TypeError('This connection is already in a transaction.');
    this.#rowsChanged = 0;
    const result = this.#within('BEGIN IMMEDIATE', () => {
      const done = work();
      this.#options.committing?.();
      return done;
    });
    this.#commits++;
    this.#options.committed?.(this.#rowsChanged);
    return result;
  }

  readTransaction<T>(work: () => T): T {
    return this.#inTransaction ? work() : this.#within('BEGIN', work);
  }

  requireCurrent(): void {
    this.#options.committing?.();
  }

  room(): Promise<void> | null {
    return this.#options.room?.() ?? null;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    try {
      this.#guard(() => this.#finish());
    } finally {
      this.disconnect();
    }
  }

  /** Ignores the refusal of a read-only file, where there is nothing to do. */
  #finish(): void {
    try {
      if (this.#database !== null) this.#options.finish?.(this.#database);
    } catch (error) {
      const known = toStorageError(error, { backend: BACKEND_NAME });
      if (!isStorageError(known, 'STORAGE_PERMISSION_DENIED')) throw error;
      forgetFrames(error);
    }
  }

  /** Closes the connection; the next statement opens another. Must not be called in a transaction. */
  disconnect(): void {
    this.#prepared.clear();
    this.#spoiled = false;
    const database = this.#database;
    this.#database = null;
    database?.close();
  }

  #exec(sql: string): void {
    this.#guard(() => this.#connection().exec(sql));
  }

  #within<T>(begin: 'BEGIN' | 'BEGIN IMMEDIATE', work: () => T): T {
    this.#exec(begin);
    this.#inTransaction = true;
    try {
      const result = work();
      commit(() => this.#exec('COMMIT'));
      return result;
    } catch (error) {
      this.#rollBack();
      throw error;
    } finally {
      this.#inTransaction = false;
    }
  }

  /** Never hides the original error: a connection that cannot be rolled back is replaced, which has the same effect. */
  #rollBack(): void {
    if (this.#database === null) return;
    try {
      // After some errors, such as a full disk, SQLite has already rolled back by itself.
      if (this.#database.inTransaction) this.#database.exec('ROLLBACK');
    } catch {
      this.#spoiled = true;
    }
  }

  #prepare(sql: string, parameters: readonly SqlValue[]): Database.Statement {
    const connection = this.#connection();
    let prepared = this.#prepared.get(sql);
    if (prepared === undefined) {
      const statement = connection.prepare(sql);
      statement.safeIntegers(true);
      prepared = { statement, parameters: countParameters(sql) };
      this.#prepared.set(sql, prepared);
    }
    if (prepared.parameters !== parameters.length) {
      throw new TypeError(
        `The statement takes ${prepared.parameters} values, not ${parameters.length}: ${sql}`,
      );
    }
    return prepared.statement;
  }

  #connection(): Database.Database {
    if (this.#spoiled && !this.#inTransaction && this.#options.reconnects !== false) {
      this.disconnect();
    }
    if (this.#closed) throw new TypeError('The connection is closed.');
    this.#database ??= this.#options.connect();
    return this.#database;
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      const known = withDamageNamed(
        toStorageError(error, { backend: BACKEND_NAME, location: this.#options.location }),
      );
      if (isStorageError(known, 'STORAGE_BUSY')) this.#spoiled = true;
      forgetFrames(error);
      throw known;
    }
  }
}
