import type { RowDecoding, RunResult, SqliteDriver, SqlRow, SqlValue } from '@switchyard/sqlite-common';
import { isStorageError, StorageError, type StorageErrorCode } from '@switchyard/storage-core';
import type Database from 'libsql';
import { BACKEND_NAME } from '../capabilities.js';
import { countParameters, toBound } from './parameters.js';
import { isExpired, toRemoteError } from './remote-error.js';
import { toRows } from './rows.js';

/** How a {@link RemoteDriver} reaches its database. */
export interface RemoteDriverOptions {
  /** Opens a connection. Called again when the old one cannot be used any more. */
  readonly connect: () => Database.Database;
  /** The store, without secrets, for messages. */
  readonly location: string;
  /** Blots out the secrets of the connection. */
  readonly redact: (text: string) => string;
  /** Whether a token is sent. Default: one is. */
  readonly hasToken?: (() => boolean) | undefined;
  /**
   * Where reads are answered. `server`: several that belong together stand in a transaction on the server. `local`
   * (a replica): they are answered from a file that changes only when this thread says so, so that they see one state
   * without a transaction; a transaction would send them to the server.
   */
  readonly reads: 'server' | 'local';
  /**
   * Removes a local copy that turned out to be damaged; what found it so is then done again on a new connection.
   * Default: the error is thrown.
   */
  readonly repair?: ((error: StorageError) => void) | undefined;
}

interface Prepared {
  readonly statement: Database.Statement;
  readonly parameters: number;
}

/**
 * After these the connection is not used again. That of a replica cannot be made anew while the server is away, and it
 * goes on reading without one: what happens on the way to the server does not end it.
 */
const BREAKING: Readonly<Record<RemoteDriverOptions['reads'], ReadonlySet<StorageErrorCode>>> = {
  server: new Set(['STORAGE_UNREACHABLE', 'STORAGE_BUSY', 'STORAGE_TIMEOUT', 'STORAGE_UNAUTHORIZED']),
  local: new Set(['STORAGE_BUSY']),
};

/** What a damaged file shows as: torn pages, or something that is no database at all. */
function isDamage(error: StorageError | TypeError): error is StorageError {
  return isStorageError(error, 'STORAGE_CORRUPT') || isStorageError(error, 'STORAGE_SCHEMA_UNSUPPORTED');
}

/**
 * sqld writes a statement anew before it runs it, keywords in capitals: a column that is called `first` comes back as
 * `FIRST`. Such columns get the names that the statement gives them.
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

/** Reads, which can simply be made again. */
const READ = /^\s*(?:SELECT|WITH|PRAGMA|EXPLAIN)\b/i;

/**
 * The `libsql` binding on a server or on a replica of one, without its traps. Beside those of the local driver:
 *
 * - A statement prepared before BEGIN works outside of the transaction: in one, everything is prepared anew.
 * - A transaction that the server has ended, because it held up others or stood still, is done once more from its
 *   beginning: the work of a transaction changes nothing but the database.
 * - A connection that was idle for some seconds, or that the server does not know any more since it was restarted, is
 *   refused from then on. What is refused for that was not done, and is done on a new connection.
 * - Errors carry no code: see remote-error.ts.
 *
 * - On a replica, a prepared read that is used again is answered for the parameters it was first given: outside of
 *   transactions every use is prepared anew there, which is local and quick.
 *
 * On a server each statement is one request and its preparation another; those outside of transactions stay prepared as
 * long as their connection.
 */
export class RemoteDriver implements SqliteDriver {
  readonly illFormedText = 'refuse';
  readonly #options: RemoteDriverOptions;
  readonly #decoding: RowDecoding;
  readonly #prepared = new Map<string, Prepared>();
  #preparedInTransaction: Map<string, Prepared> | null = null;
  #database: Database.Database | null = null;
  /** Whether the connection has to be replaced before it is used again. */
  #spoiled = false;
  /** Whether the server has ended the transaction that is under way, and so undone it. */
  #ended = false;
  /** Whether the connection has to be replaced before something is written. */
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
    if (this.#inTransaction) throw new TypeError('A transaction is already under way on this connection.');
    return this.#within('BEGIN IMMEDIATE', work);
  }

  readTransaction<T>(work: () => T): T {
    return this.#inTransaction || this.#options.reads === 'local' ? work() : this.#within('BEGIN', work);
  }

  /**
   * Number of writes so far that count by themselves and are done or may be. When it changes during a call, the call
   * cannot have changed nothing.
   */
  get writesSent(): number {
    return this.#writesSent;
  }

  /** Corrects {@link writesSent} for a write that turned out to have been refused. */
  retractWrite(): void {
    this.#writesSent -= 1;
  }

  /** Gives up the connection, so that the next call opens another. */
  reconnect(): void {
    this.#spoiled = true;
  }

  /** Works with the connection itself, for what only a replica has. */
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

  /** The server may end a transaction that holds up others, or forget its connection: it is then done once more. */
  #within<T>(begin: 'BEGIN' | 'BEGIN IMMEDIATE', work: () => T, again = true): T {
    // Nothing was done if it fails: what is under way begins after it.
    try {
      this.#guard(false, (send) => {
        const connection = this.#connectionForWriting();
        send(() => connection.exec(begin));
      });
    } catch (error) {
      // A replica may fail at fetching the new state when the transaction has been begun: what came next would be
      // acknowledged in a transaction that nobody commits.
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

  /** Never hides the error that led here: a connection that cannot be rolled back is replaced, which does the same. */
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
   * The server may have begun a transaction for a replica whose answer was lost: the connection does not know it, and
   * what is written on it would be acknowledged and never committed. Reads are local and may go on meanwhile.
   */
  #connectionForWriting(): Database.Database {
    if (!this.#isSuspect || this.#inTransaction || this.#spoiled) return this.#connection();
    if (this.#options.reads === 'local') {
      // The other one is there first: while the server is away the old one reads on.
      const fresh = this.#options.connect();
      this.#disconnect();
      this.#database = fresh;
    } else {
      this.#spoiled = true;
    }
    return this.#connection();
  }

  /** Whether a transaction is open of which this driver knows nothing. What is written in it would not be kept. */
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
   * @param isWrite Whether the work is a write that counts by itself: see {@link RemoteErrorContext}. What it passes to
   * `send` may have been done when it fails; what fails before was never sent.
   * @param again Whether work that the server refused for an expired connection is done on a new one.
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
      // The server may have done it before the damage was found, and would count what it deletes otherwise.
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
