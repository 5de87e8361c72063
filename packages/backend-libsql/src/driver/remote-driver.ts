import type { RowDecoding, RunResult, SqliteDriver, SqlRow, SqlValue } from '@switchyard/sqlite-common';
import { isStorageError, StorageError, type StorageErrorCode } from '@switchyard/storage-core';
import type Database from 'libsql';
import { BACKEND_NAME } from '../capabilities.js';
import { countParameters, toBound } from './parameters.js';
import { isExpired, toRemoteError } from './remote-error.js';
import { toRows } from './rows.js';

/** Options of a {@link RemoteDriver}. */
export interface RemoteDriverOptions {
  /** Opens a connection. Called again if the current one can no longer be used. */
  readonly connect: () => Database.Database;
  /** The store, without secrets, for messages. */
  readonly location: string;
  /** Redacts the secrets of the connection. */
  readonly redact: (text: string) => string;
  /** Returns true if a token is sent. Default: one is. */
  readonly hasToken?: (() => boolean) | undefined;
  /**
   * Place where reads are answered. `server`: reads that belong together run in a transaction on the server. `local` (a
   * replica): from a file that only changes when this thread syncs or writes, so that reads see one state without a
   * transaction, which would send them to the server.
   */
  readonly reads: 'server' | 'local';
  /**
   * Removes a damaged local copy; the call that found the damage is then repeated on a new connection. Default: the error
   * is thrown.
   */
  readonly repair?: ((error: StorageError) => void) | undefined;
}

interface Prepared {
  readonly statement: Database.Statement;
  readonly parameters: number;
}

/**
 * Errors after which a connection is not used again. That of a replica cannot be reopened while the server is unreachable
 * but can still read, so network errors do not end it.
 */
const BREAKING: Readonly<Record<RemoteDriverOptions['reads'], ReadonlySet<StorageErrorCode>>> = {
  server: new Set(['STORAGE_UNREACHABLE', 'STORAGE_BUSY', 'STORAGE_TIMEOUT', 'STORAGE_UNAUTHORIZED']),
  local: new Set(['STORAGE_BUSY']),
};

/** Returns true for the errors of a damaged file: torn pages, or something that is not a database. */
function isDamage(error: StorageError | TypeError): error is StorageError {
  return isStorageError(error, 'STORAGE_CORRUPT') || isStorageError(error, 'STORAGE_SCHEMA_UNSUPPORTED');
}

/**
 * Restores column names that are keywords: sqld rewrites statements with keywords in uppercase, so a column `first` comes
 * back as `FIRST`.
 */
function withWrittenNames(sql: string, rows: SqlRow[]): SqlRow[] {
  const [sample] = rows;
  if (sample === undefined) return rows;
  const changed = Object.keys(sample).filter((name) => /^[A-Z_]+$/.test(name) && !sql.includes(name));
  if (changed.length === 0) return rows;
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [changed.includes(name) ? name.toLowerCase() : name, value]),
    ),
  );
}

/** Matches reads, which can be repeated. */
const READ = /^\s*(?:SELECT|WITH|PRAGMA|EXPLAIN)\b/i;

/**
 * The `libsql` binding on a server or a replica, without its pitfalls. In addition to those of the local driver:
 *
 * - A statement prepared before BEGIN runs outside of the transaction, so statements are prepared again in each one.
 * - A transaction that the server ended, because it blocked others or was idle, is repeated once from its beginning: the
 *   work of a transaction changes only the database.
 * - A connection that was idle for some seconds, or that a restarted server no longer knows, is refused from then on. What
 *   was refused for this reason was not done, and is done on a new connection.
 * - Errors have no code: see remote-error.ts.
 * - On a replica, a prepared read that is reused is answered for the parameters it was first given. Outside of
 *   transactions, reads are therefore prepared for every use, which is local and fast.
 *
 * On a server each statement is one request, and its preparation another. Statements outside of transactions stay
 * prepared as long as their connection.
 */
export class RemoteDriver implements SqliteDriver {
  readonly illFormedText = 'refuse';
  readonly #options: RemoteDriverOptions;
  readonly #decoding: RowDecoding;
  readonly #prepared = new Map<string, Prepared>();
  #preparedInTransaction: Map<string, Prepared> | null = null;
  #database: Database.Database | null = null;
  /** True if the connection must be replaced before it is used again. */
  #spoiled = false;
  /** True if the server ended the current transaction, which rolled it back. */
  #ended = false;
  /** True if the connection must be replaced before the next write. */
  #isSuspect = false;
  #writesSent = 0;
  #closed = false;

  constructor(options: RemoteDriverOptions) {
    this.#options = options;
    this.#decoding = { illFormedText: 'refuse', backend: BACKEND_NAME, location: options.location };
  }

  all<Row extends object = SqlRow>(sql: string, parameters: readonly SqlValue[] = []): Row[] {
    const isWrite = !READ.test(sql);
    return this.#guard(isWrite && !this.#inTransaction, (send) => {
      if (isWrite) this.#connectionForWriting();
      const statement = this.#prepare(sql, parameters);
      const rows = toRows(
        sql,
        send(() => statement.all(parameters.map(toBound))),
        this.#decoding,
      );
      return withWrittenNames(sql, rows) as unknown as Row[];
    });
  }

  first<Row extends object = SqlRow>(sql: string, parameters: readonly SqlValue[] = []): Row | undefined {
    return this.all<Row>(sql, parameters)[0];
  }

  run(sql: string, parameters: readonly SqlValue[] = []): RunResult {
    return this.#guard(!this.#inTransaction, (send) => {
      this.#connectionForWriting();
      const statement = this.#prepare(sql, parameters);
      const { changes, lastInsertRowid } = send(() => statement.run(parameters.map(toBound)));
      return { changes, lastInsertRowid: Number(lastInsertRowid) };
    });
  }

  exec(sql: string): void {
    this.#guard(!this.#inTransaction, (send) => {
      const connection = this.#connectionForWriting();
      send(() => connection.exec(sql));
    });
  }

  transaction<T>(work: () => T): T {
    if (this.#inTransaction) throw new TypeError('This connection is already in a transaction.');
    return this.#within('BEGIN IMMEDIATE', work);
  }

  readTransaction<T>(work: () => T): T {
    return this.#inTransaction || this.#options.reads === 'local' ? work() : this.#within('BEGIN', work);
  }

  /**
   * Number of writes so far that were transactions by themselves and were or may have been applied. If it changes during
   * a call, the call may have changed something.
   */
  get writesSent(): number {
    return this.#writesSent;
  }

  /** Corrects {@link writesSent} for a write that was refused after all. */
  retractWrite(): void {
    this.#writesSent -= 1;
  }

  /** Discards the connection, so that the next call opens another. */
  reconnect(): void {
    this.#spoiled = true;
  }

  /** Runs work on the connection itself, for features of replicas. */
  withConnection<T>(work: (database: Database.Database) => T): T {
    return this.#guard(false, () => work(this.#connection()));
  }

  close(): void {
    this.#closed = true;
    this.#disconnect();
  }

  get #inTransaction(): boolean {
    return this.#preparedInTransaction !== null;
  }

  /** Runs a transaction, and repeats it once if the server ended it or no longer knows its connection. */
  #within<T>(begin: 'BEGIN' | 'BEGIN IMMEDIATE', work: () => T, again = true): T {
    // If BEGIN fails, nothing was done.
    try {
      this.#guard(false, (send) => {
        const connection = this.#connectionForWriting();
        send(() => connection.exec(begin));
      });
    } catch (error) {
      // A replica may fail to fetch the new state after the transaction has begun: later writes would be acknowledged in a
      // transaction that is never committed.
      if (this.#isAstray) this.#rollBack();
      throw notApplied(error, begin);
    }
    this.#preparedInTransaction = new Map();
    this.#ended = false;
    let result: T;
    try {
      result = work();
    } catch (error) {
      const ended = this.#ended;
      this.#leaveTransaction();
      if (ended && again) return this.#within(begin, work, false);
      throw notApplied(error, begin);
    }
    try {
      this.#guard(begin !== 'BEGIN', (send) => {
        const connection = this.#connection();
        send(() => connection.exec('COMMIT'));
      });
      return result;
    } catch (error) {
      this.#rollBack();
      throw error;
    } finally {
      this.#preparedInTransaction = null;
    }
  }

  #leaveTransaction(): void {
    this.#rollBack();
    this.#preparedInTransaction = null;
  }

  /** Never hides the original error: a connection that cannot be rolled back is replaced, which has the same effect. */
  #rollBack(): void {
    if (this.#database === null || this.#spoiled) return;
    try {
      this.#database.exec('ROLLBACK');
    } catch {
      this.#spoiled = true;
    }
  }

  #prepare(sql: string, parameters: readonly SqlValue[]): Database.Statement {
    const connection = this.#connection();
    const cache = this.#preparedInTransaction ?? (this.#options.reads === 'server' ? this.#prepared : null);
    let prepared = cache?.get(sql);
    const expected = prepared?.parameters ?? countParameters(sql);
    if (expected !== parameters.length) {
      throw new TypeError(`The statement takes ${expected} values, not ${parameters.length}: ${sql}`);
    }
    if (prepared === undefined) {
      const statement = connection.prepare(sql);
      statement.safeIntegers(true);
      prepared = { statement, parameters: expected };
      cache?.set(sql, prepared);
    }
    return prepared.statement;
  }

  #connection(): Database.Database {
    if (this.#closed) throw new TypeError('The connection is closed.');
    if (!this.#inTransaction && (this.#spoiled || this.#isAstray)) this.#disconnect();
    this.#database ??= this.#options.connect();
    return this.#database;
  }

  /**
   * Returns a connection for writing. If an answer was lost, the server may have begun a transaction for a replica of which
   * the connection does not know: writes on it would be acknowledged and never committed. Reads are local and not affected.
   */
  #connectionForWriting(): Database.Database {
    if (!this.#isSuspect || this.#inTransaction || this.#spoiled) return this.#connection();
    if (this.#options.reads === 'local') {
      // Opened first, so that the old one can still be read if the server is unreachable.
      const fresh = this.#options.connect();
      this.#disconnect();
      this.#database = fresh;
    } else {
      this.#spoiled = true;
    }
    return this.#connection();
  }

  /** True if a transaction is open that this driver did not begin. Writes in it would be lost. */
  get #isAstray(): boolean {
    return this.#database?.inTransaction === true;
  }

  #disconnect(): void {
    this.#prepared.clear();
    this.#spoiled = false;
    this.#isSuspect = false;
    const database = this.#database;
    this.#database = null;
    database?.close();
  }

  /**
   * Runs work on the connection and converts its errors.
   *
   * @param isWrite the work is a transaction by itself: see {@link RemoteErrorContext}. What it passes to `send` may have
   *   been applied if it fails; what fails before was never sent.
   * @param again repeats work that the server refused because of an expired connection
   */
  #guard<T>(
    isWrite: boolean,
    work: (send: <R>(request: () => R) => R) => T,
    again = !this.#inTransaction,
  ): T {
    let isSent = false;
    try {
      const result = work((request) => {
        isSent = true;
        return request();
      });
      if (isWrite) this.#writesSent += 1;
      return result;
    } catch (error) {
      if (isExpired(error)) {
        this.#spoiled = true;
        this.#ended = this.#inTransaction;
        if (again) return this.#guard(isWrite, work, false);
      }
      const known = this.#toStorageError(error, isWrite, isSent);
      const isUncertain = isStorageError(known) && known.outcome === 'unknown';
      if (isUncertain) this.#writesSent += 1;
      if (isSent && isStorageError(known, 'STORAGE_UNREACHABLE')) this.#isSuspect = true;
      if (!again || !isDamage(known) || this.#options.repair === undefined) throw known;
      this.#disconnect();
      this.#options.repair(known);
      // The server may have applied it before the damage was found; repeated, it would report other counts.
      if (isUncertain)
        throw known.with({ retryable: true, advice: 'Try again: the replica is fetched again.' });
      return this.#guard(isWrite, work, false);
    }
  }

  #toStorageError(error: unknown, isWrite: boolean, isSent: boolean): StorageError | TypeError {
    const { location, redact, reads, hasToken } = this.#options;
    const context = {
      backend: BACKEND_NAME,
      location,
      hasToken: hasToken?.(),
      mayBeDone: isWrite && isSent,
      outcome: isWrite ? ('not-applied' as const) : undefined,
    };
    const known = toRemoteError(error, context, redact);
    if (known instanceof StorageError && BREAKING[reads].has(known.code)) this.#spoiled = true;
    return known;
  }
}

/** A transaction that was not committed changed nothing. */
function notApplied(error: unknown, begin: 'BEGIN' | 'BEGIN IMMEDIATE'): unknown {
  if (begin === 'BEGIN' || !isStorageError(error) || error.outcome !== undefined) return error;
  return error.with({ outcome: 'not-applied' });
}
