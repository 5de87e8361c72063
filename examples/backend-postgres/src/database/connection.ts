import { createHash } from 'node:crypto';
import { type CallOptions, isStorageError } from '@switchyard/storage-core';
import { checkCall, withinCall } from '@switchyard/storage-core/backend';
import type pg from 'pg';
import { BACKEND_NAME } from '../capabilities.js';
import { toStorageError } from './errors.js';
import { fromDatabase, toDatabase } from './text.js';

/** Runs a statement and returns its rows. */
export type Query = <Row extends object>(sql: string, values?: readonly unknown[]) => Promise<readonly Row[]>;

/** Settings of all connections of a store. */
export interface ConnectionSettings {
  /** Schema of the store, quoted; statements call it `store`. */
  readonly schema: string;
  /** See `Database.isEmbedded`. */
  readonly isEmbedded: boolean;
  /** Removes secrets from a text. */
  readonly redact: (text: string) => string;
}

/** Longest wait for the end of a transaction that is given up; its connection is closed after it. */
const ROLLBACK_MS = 5_000;

/** A connection of the pool during one call of a port. */
export class Connection {
  readonly #client: pg.PoolClient;
  readonly #settings: ConnectionSettings;
  readonly #options: CallOptions | undefined;
  /** True after a statement was given up: it still occupies the connection. */
  #isAbandoned = false;

  constructor(client: pg.PoolClient, settings: ConnectionSettings, options: CallOptions | undefined) {
    this.#client = client;
    this.#settings = settings;
    this.#options = options;
  }

  /**
   * Runs a statement, unless the call was aborted or is late. On a server, a statement is given up when that happens while
   * it runs. An embedded database runs in this thread, so nothing else happens until it has ended.
   */
  readonly query: Query = async <Row extends object>(sql: string, values: readonly unknown[] = []) => {
    this.check();
    const { isEmbedded, redact, schema } = this.#settings;
    try {
      const text = sql.replaceAll(/\bstore(?=[.;])/g, () => schema);
      // A text without values may have several statements, and is not prepared.
      const statement =
        values.length === 0 ? { text } : { name: nameOf(text), text, values: values.map(toDatabase) };
      const running = this.#client.query<Row>(statement);
      const result = await (isEmbedded ? running : withinCall(this.#options, BACKEND_NAME, running));
      return (result.rows ?? []).map(decoded);
    } catch (error) {
      if (isStorageError(error)) this.#isAbandoned = true;
      throw toStorageError(error, redact);
    }
  };

  /** Rejects a call that was aborted or is late. */
  check(): void {
    checkCall(this.#options, BACKEND_NAME);
  }

  /** Ends the transaction without its changes. */
  async rollback(): Promise<void> {
    if (this.#isAbandoned) return;
    try {
      // A server that is silent must not hold back a call that is late already.
      const deadline = Date.now() + ROLLBACK_MS;
      await withinCall({ deadline }, BACKEND_NAME, this.#client.query('ROLLBACK'));
    } catch {
      this.#isAbandoned = true; // the server rolls back what is left of a lost connection
    }
  }

  /** Returns the connection to the pool; closes it if a statement may still run in it. */
  release(): void {
    this.#client.release(this.#isAbandoned);
  }
}

function decoded<Row extends object>(row: Row): Row {
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => [column, fromDatabase(value)]),
  ) as Row;
}

/** Names of the prepared statements by text: preparing them takes as long as running them. */
const names = new Map<string, string>();

function nameOf(text: string): string {
  const known = names.get(text);
  if (known !== undefined) return known;
  const name = `switchyard_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
  names.set(text, name);
  return name;
}
