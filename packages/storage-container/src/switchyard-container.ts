import {
  type CallOptions,
  type Connection,
  type CreateOptions,
  parseConnectionString,
  type StorageBackend,
  StorageError,
} from '@switchyard/storage-core';
import { type BackendDefinition, requireContract } from '@switchyard/storage-core/backend';
import { checkDefinitions } from './check-definitions.js';

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Makes backends from connection strings and closes what it opened.
 *
 * The lifecycle stands here and not in inversify, because inversify closes all at once and keeps a singleton that
 * failed to open for ever: here what was opened last is closed first, and a failed opening can be tried again.
 */
export class SwitchyardContainer implements AsyncDisposable {
  /** The backends that can be resolved, in the order of their modules. */
  readonly definitions: readonly BackendDefinition[];
  readonly #environment: Environment;
  readonly #opened: StorageBackend[] = [];
  readonly #opening = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  /** @throws TypeError when two definitions have one name or claim one form of connection string. */
  constructor(definitions: readonly BackendDefinition[], environment: Environment = process.env) {
    checkDefinitions(definitions);
    this.definitions = [...definitions];
    this.#environment = environment;
  }

  /** Understands a connection string. @throws StorageError `STORAGE_CONNECTION_STRING` */
  parse(connectionString: string): Connection {
    return parseConnectionString(connectionString, { backends: this.definitions, env: this.#environment });
  }

  /**
   * Makes a backend that is not open; who opens it, closes it. No I/O.
   *
   * @throws StorageError `STORAGE_CONNECTION_STRING`; `STORAGE_CONTRACT_MISMATCH` for a backend of another version of the
   * ports.
   */
  createBackend(connectionString: string, options?: CreateOptions): StorageBackend {
    const connection = this.parse(connectionString);
    const definition = this.definitions.find(({ name }) => name === connection.backend) as BackendDefinition;
    const backend = definition.create(connection, options);
    requireContract(backend);
    return backend;
  }

  /**
   * Makes a backend and opens it; {@link close} closes it. Each call makes another one, so after a failure the call
   * is simply made again.
   *
   * @throws StorageError `STORAGE_CLOSED` after {@link close}, and what creating and opening throw.
   */
  openBackend(connectionString: string, options?: CreateOptions & CallOptions): Promise<StorageBackend> {
    const opening = this.#open(connectionString, options);
    this.#opening.add(opening);
    const done = () => this.#opening.delete(opening);
    opening.then(done, done);
    return opening;
  }

  /**
   * Closes what was opened, the latest first, one after the other, and opens nothing more. An opening under way is
   * waited for. Idempotent.
   *
   * @throws AggregateError with every failure, after all have been closed as far as they can be.
   */
  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #open(connectionString: string, options?: CreateOptions & CallOptions): Promise<StorageBackend> {
    if (this.#closing !== undefined) {
      throw new StorageError('STORAGE_CLOSED', 'The container is closed: it opens nothing more.');
    }
    const backend = this.createBackend(connectionString, options);
    await backend.open(options);
    this.#opened.push(backend);
    return backend;
  }

  async #closeAll(): Promise<void> {
    // Their failures are reported to who asked for the openings.
    await Promise.allSettled([...this.#opening]);
    const errors: unknown[] = [];
    for (let backend = this.#opened.pop(); backend !== undefined; backend = this.#opened.pop()) {
      try {
        await backend.close();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) {
      const reasons = errors.map((error) => (error instanceof Error ? error.message : String(error)));
      throw new AggregateError(
        errors,
        `Closing failed for ${errors.length} of the backends: ${reasons.join('; ')}`,
      );
    }
  }
}
