import { type CallOptions, isStorageError, StorageError } from '@switchyard/storage-core';
import { retryTransient, withinCall } from '@switchyard/storage-core/backend';
import type pg from 'pg';
import { BACKEND_NAME } from '../capabilities.js';
import { ChangedRows } from '../change-log/changed-rows.js';
import {
  BEGIN_SNAPSHOT,
  BEGIN_WRITE,
  LOCK_STATE,
  SAVE_STATE,
  STATE,
  STORE_EXISTS,
  STORE_LEVEL,
} from '../sql/state.js';
import { Connection, type ConnectionSettings, type Query } from './connection.js';
import { createSchema, LEVEL } from './create-schema.js';
import type { Database } from './database.js';
import { isRefusedCommit, isSerializationFailure, toStorageError } from './errors.js';
import { type State, type StateRow, toRow, toState } from './state.js';

/** A transaction that writes. */
export interface Transaction {
  readonly query: Query;
  /** The state of the store; changes are saved with the transaction. */
  readonly state: State;
  /** Rows that the transaction has changed, which a rollout logs. */
  readonly changes: ChangedRows;
}

/** Options of a {@link Session}. */
export interface SessionOptions extends ConnectionSettings {
  readonly database: Database;
  /** Maximum time that a write waits for another one, in milliseconds. */
  readonly busyTimeoutMs: number;
  /** False stores vectors as arrays, even if the server has pgvector. */
  readonly usePgvector: boolean;
}

/** Runs the calls of all ports in connections and transactions. */
export class Session {
  readonly #options: SessionOptions;
  /** True once the store was seen. It is created by the first write, in its transaction. */
  #exists = false;
  /** Ends when the last write of this session has ended. */
  #lastWrite: Promise<void> = Promise.resolve();

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** Schema of the store, quoted. */
  get schema(): string {
    return this.#options.schema;
  }

  /** Forgets what is known of the store. */
  reset(): void {
    this.#exists = false;
  }

  /** Returns true if the store exists. */
  exists(options: CallOptions | undefined): Promise<boolean> {
    return this.read(
      options,
      () => false,
      async () => true,
    );
  }

  /** Reads by one statement, which sees one state of the store. @param empty Result for a store that does not exist. */
  read<T>(options: CallOptions | undefined, empty: () => T, work: (query: Query) => Promise<T>): Promise<T> {
    return this.#connect(options, false, async (connection) => {
      if (connection === null || !(await this.#isThere(connection.query))) return empty();
      return work(connection.query);
    });
  }

  /** Reads by several statements that see the same state of the store. */
  snapshot<T>(
    options: CallOptions | undefined,
    empty: () => T,
    work: (query: Query, state: State) => Promise<T>,
  ): Promise<T> {
    return this.read(options, empty, async (query) => {
      // An embedded database has one connection: nothing changes while it is in use.
      const { isEmbedded } = this.#options;
      if (!isEmbedded) await query(BEGIN_SNAPSHOT);
      const [row] = await query<StateRow>(STATE);
      const result = await work(query, toState(row));
      if (!isEmbedded) await query('COMMIT');
      return result;
    });
  }

  /** Writes in one transaction, all or nothing. */
  write<T>(options: CallOptions | undefined, work: (transaction: Transaction) => Promise<T>): Promise<T> {
    const retry = { backend: BACKEND_NAME, method: 'write', isTransient: isSerializationFailure };
    const write = () =>
      this.#connect(options, true, (connection) => this.#writeOnce(connection as Connection, work));
    return this.#inTurn(options, async () => {
      try {
        return await retryTransient(write, retry, options);
      } catch (error) {
        throw withOutcome(error, 'not-applied');
      }
    });
  }

  /** Lets the writes of this process wait here, rather than in the database with a connection each. */
  async #inTurn<T>(options: CallOptions | undefined, work: () => Promise<T>): Promise<T> {
    const before = this.#lastWrite;
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    this.#lastWrite = before.then(() => ended);
    try {
      await withinCall(options, BACKEND_NAME, before);
      return await work();
    } finally {
      end();
    }
  }

  async #writeOnce<T>(connection: Connection, work: (transaction: Transaction) => Promise<T>): Promise<T> {
    const { query } = connection;
    await query(BEGIN_WRITE(this.#options.busyTimeoutMs));
    if (!(await this.#isThere(query))) await createSchema(query, this.#options);
    const [row] = await query<StateRow>(LOCK_STATE);
    const state = toState(row);
    const before = JSON.stringify(toRow(state));
    const changes = new ChangedRows(query, state.rollout !== null);
    const result = await work({ query, state, changes });
    if (JSON.stringify(toRow(state)) !== before) await query(SAVE_STATE, toRow(state));
    connection.check();
    try {
      await query('COMMIT');
    } catch (error) {
      throw isRefusedCommit(error) ? error : withOutcome(error, 'unknown');
    }
    this.#exists = true;
    return result;
  }

  /** @param connection Null for an embedded database that does not exist. */
  async #connect<T>(
    options: CallOptions | undefined,
    create: boolean,
    work: (connection: Connection | null) => Promise<T>,
  ): Promise<T> {
    const client = await this.#client(options, create);
    if (client === null) return work(null);
    const connection = new Connection(client, this.#options, options);
    try {
      return await work(connection);
    } catch (error) {
      await connection.rollback();
      throw error;
    } finally {
      connection.release();
    }
  }

  async #client(options: CallOptions | undefined, create: boolean): Promise<pg.PoolClient | null> {
    const { database, redact } = this.#options;
    try {
      const pool = await database.pool(create);
      if (pool === null) return null;
      const connecting = pool.connect();
      return await withinCall(options, BACKEND_NAME, connecting).catch((error: unknown) => {
        // One that arrives too late goes back to the pool.
        connecting.then(
          (client) => client.release(),
          () => undefined,
        );
        throw error;
      });
    } catch (error) {
      throw toStorageError(error, redact);
    }
  }

  async #isThere(query: Query): Promise<boolean> {
    if (this.#exists) return true;
    const [found] = await query<{ readonly exists: boolean }>(STORE_EXISTS, [`${this.schema}.state`]);
    if (found?.exists !== true) return false;
    const [state] = await query<{ readonly level: number }>(STORE_LEVEL);
    requireKnownLevel(state?.level ?? 0);
    this.#exists = true;
    return true;
  }
}

function requireKnownLevel(level: number): void {
  if (level <= LEVEL) return;
  throw new StorageError(
    'STORAGE_SCHEMA_TOO_NEW',
    `The store has schema level ${level}, and this backend knows levels up to ${LEVEL}.`,
    { backend: BACKEND_NAME, outcome: 'not-applied' },
  );
}

/** Adds the outcome to an error that does not state one. */
function withOutcome(error: unknown, outcome: 'not-applied' | 'unknown'): unknown {
  if (!isStorageError(error)) return error;
  return outcome === 'unknown' || error.outcome === undefined ? error.with({ outcome }) : error;
}
