import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SqliteDriver } from '@switchyard/sqlite-common';
import { type CallOptions, isStorageError } from '@switchyard/storage-core';
import type { RemoteDriver } from '../driver/remote-driver.js';
import { readSchemaState, type SchemaState } from '../schema/state.js';

/** How long what was written is waited for, in milliseconds, when the call names no earlier deadline. */
const PATIENCE_MS = 10_000;
const FIRST_PAUSE_MS = 2;
const LONGEST_PAUSE_MS = 100;

const PUT_MARKER = `
  INSERT INTO switchyard_meta (key, value) VALUES ('write_marker', ?1)
  ON CONFLICT (key) DO UPDATE SET value = excluded.value`;

const READ_MARKER = `
  SELECT count(*) AS found
  FROM switchyard_meta
  WHERE switchyard_meta.key = 'write_marker' AND switchyard_meta.value = ?1`;

/**
 * Waits until a server shows what was written through it. A server that is itself a replica of another one hands writes
 * on and answers reads from its own copy; it promises own writes to one connection only, and the binding opens a new
 * one after most writes. Such a server is noticed when the schema that was made through it is not there at once; one that
 * happened to be quick then is not noticed, and may answer later reads without the latest write.
 */
export class OwnWrites {
  readonly #driver: SqliteDriver;
  #lags = false;

  constructor(driver: SqliteDriver) {
    this.#driver = driver;
  }

  /** Waits for the schema that was made just now. */
  async awaitSchema(
    isThere: (state: SchemaState) => boolean,
    options: CallOptions | undefined,
  ): Promise<void> {
    const isFresh = () => {
      try {
        return isThere(readSchemaState(this.#driver));
      } catch (error) {
        // Its connections need not be equally far: one knows the tables, and the next does not.
        if (error instanceof Error && /no such table/i.test(error.message)) return false;
        throw error;
      }
    };
    this.#lags = !isFresh();
    if (this.#lags) await this.#poll(isFresh, options);
  }

  /** Runs a call, and where the server lags waits until what it wrote is visible. */
  async visible<T>(
    driver: RemoteDriver,
    options: CallOptions | undefined,
    work: () => Promise<T>,
  ): Promise<T> {
    const before = driver.writesSent;
    const result = await work();
    if (this.#lags && driver.writesSent !== before) await this.#settle(options);
    return result;
  }

  /**
   * Waits for what this call wrote: a marker is written behind it, and the log is copied in order. Fails never: the
   * write was acknowledged.
   */
  async #settle(options: CallOptions | undefined): Promise<void> {
    const marker = randomUUID();
    try {
      this.#driver.run(PUT_MARKER, [marker]);
      await this.#poll(
        () => this.#driver.first<{ found: number }>(READ_MARKER, [marker])?.found === 1,
        options,
      );
    } catch (error) {
      if (!isStorageError(error)) throw error;
    }
  }

  async #poll(isFresh: () => boolean, { deadline, signal }: CallOptions = {}): Promise<void> {
    const giveUp = Math.min(deadline ?? Number.POSITIVE_INFINITY, Date.now() + PATIENCE_MS);
    for (let pause = FIRST_PAUSE_MS; !isFresh(); pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      if (Date.now() + pause > giveUp || signal?.aborted === true) return;
      await sleep(pause);
    }
  }
}
