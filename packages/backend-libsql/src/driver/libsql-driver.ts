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

/** How a {@link LibsqlDriver} reaches its database. */
export interface LibsqlDriverOptions {
  /** Opens a connection, ready for use. Called again when the old one cannot be used any more. */
  readonly connect: () => Database.Database;
  /** What is to be done on a connection before it is closed; a failure of it does not keep it from being closed. */
  readonly finish?: ((database: Database.Database) => void) | undefined;
  /** Called after a write, with the number of rows that it changed. May throw. */
  readonly committed?: ((rowsChanged: number) => void) | undefined;
  /** Called before a transaction that writes is committed. May throw, which rolls it back. */
  readonly committing?: (() => void) | undefined;
  /** See {@link SqliteDriver.room}. */
  readonly room?: (() => Promise<void> | null) | undefined;
  /** The store, without secrets, for messages. */
  readonly location: string;
  /** What becomes of stored text that is not UTF-8. Default `refuse`. */
  readonly illFormedText?: IllFormedText | undefined;
  /** Whether a fresh connection sees the same data. False for a database in memory. Default true. */
  readonly reconnects?: boolean | undefined;
}

interface Prepared {
  readonly statement: Database.Statement;
  readonly parameters: number;
}

/**
 * The `libsql` binding without its traps: values are always bound as one array of the right length, integers as
 * integers; rows hold what was selected and nothing else; `get()`, which does not run a statement to its end, is not
 * used; text comes as bytes and is decoded here, since the binding ends the process on text that is not UTF-8; a
 * connection on which something found the database locked is replaced, since its statement would stay in
 * progress and block every later COMMIT.
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
  /** Whether the connection has to be replaced before it is used again. */
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
    if (this.#inTransaction) throw new TypeError('A transaction is already under way on this connection.');
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

  /** On a file that can only be read, there is nothing to be done. */
  #finish(): void {
    try {
      if (this.#database !== null) this.#options.finish?.(this.#database);
    } catch (error) {
      const known = toStorageError(error, { backend: BACKEND_NAME });
      if (!isStorageError(known, 'STORAGE_PERMISSION_DENIED')) throw error;
      forgetFrames(error);
    }
  }

  /** Closes the connection; the next statement makes another. Must not be called in a transaction. */
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

  /** Never hides the error that led here: a connection that cannot be rolled back is replaced, which does the same. */
  #rollBack(): void {
    if (this.#database === null) return;
    try {
      // SQLite has already rolled back by itself after some errors, such as a full disk.
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
