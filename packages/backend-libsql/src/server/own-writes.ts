import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CallOptions, isStorageError } from '@switchyard/storage-core';
import type { RemoteDriver } from '../driver/remote-driver.js';
import { readSchemaState, type SchemaState } from '../schema/state.js';

/** Maximum wait in milliseconds, unless the call has an earlier deadline. */
const MAX_WAIT_MS = 10_000;
const FIRST_PAUSE_MS = 2;
const MAX_PAUSE_MS = 100;

const PUT_MARKER = `
  INSERT INTO switchyard_meta (key, value) VALUES ('write_marker', ?1)
  ON CONFLICT (key) DO UPDATE SET value = excluded.value`;

const READ_MARKER = `
  SELECT count(*) AS found
  FROM switchyard_meta
  WHERE switchyard_meta.key = 'write_marker' AND switchyard_meta.value = ?1`;

/**
 * Waits until a server shows what was written through it. A server that is itself a replica forwards writes and answers
 * reads from its own copy; it guarantees own writes to a single connection, but the binding opens a new one after most
 * writes. Such a server is recognized if the schema that was just created through it is not visible immediately. If it
 * happened to be fast then, it is not recognized, and may answer later reads without the latest write.
 */
export class OwnWrites {
  readonly #driver: RemoteDriver;
  #lags = false;

  constructor(driver: RemoteDriver) {
    this.#driver = driver;
  }

  /** Waits for the schema that was just created. */
  async awaitSchema(
    isThere: (state: SchemaState) => boolean,
    options: CallOptions | undefined,
  ): Promise<void> {
    const isFresh = () => {
      try {
        return isThere(readSchemaState(this.#driver));
      } catch (error) {
        // Connections may be at different states: one sees the tables, and the next does not.
        if (error instanceof Error && /no such table/i.test(error.message)) return false;
        throw error;
      }
    };
    this.#lags = !isFresh();
    if (this.#lags) await this.#poll(isFresh, options);
  }

  /** Runs a call and, if the server lags, waits until what it wrote is visible. */
  async visible<T>(options: CallOptions | undefined, work: () => Promise<T>): Promise<T> {
    const before = this.#driver.writesSent;
    const result = await work();
    if (this.#lags && this.#driver.writesSent !== before) await this.#awaitMarker(options);
    return result;
  }

  /**
   * Waits for the writes of this call: writes a marker after them and polls for it, since the log is copied in order.
   * Never fails, because the writes were acknowledged.
   */
  async #awaitMarker(options: CallOptions | undefined): Promise<void> {
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
    const giveUp = Math.min(deadline ?? Number.POSITIVE_INFINITY, Date.now() + MAX_WAIT_MS);
    for (let pause = FIRST_PAUSE_MS; !isFresh(); pause = Math.min(2 * pause, MAX_PAUSE_MS)) {
      if (Date.now() + pause > giveUp || signal?.aborted === true) return;
      await sleep(pause);
    }
  }
}
