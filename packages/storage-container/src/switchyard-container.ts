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
import { isOptional } from './optional-backend.js';

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Creates backends from connection strings and closes the ones it opened.
 *
 * The lifecycle is handled here rather than by inversify, which deactivates all services at once and caches a singleton
 * that failed to open forever. This class closes backends in reverse order, and a failed opening can be retried.
 */
export class SwitchyardContainer implements AsyncDisposable {
  #definitions: readonly BackendDefinition[];
  readonly #environment: Environment;
  readonly #opened: StorageBackend[] = [];
  readonly #opening = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  /** @throws TypeError if two definitions have the same name or scheme. */
  constructor(definitions: readonly BackendDefinition[], environment: Environment = process.env) {
    checkDefinitions(definitions);
    this.#definitions = [...definitions];
    this.#environment = environment;
  }

  /** The registered backends, in the order of their modules. */
  get definitions(): readonly BackendDefinition[] {
    return this.#definitions;
  }

  /**
   * Registers further backends, such as those of plugins; all of them or, if it throws, none.
   *
   * @throws TypeError if two definitions have the same name or scheme.
   *
   * @example
   * ```ts
   * const container = new SwitchyardContainer([]);
   * container.register([libsqlBackend]);
   * container.parse('docs.db').backend; // 'libsql'
   * ```
   */
  register(definitions: readonly BackendDefinition[]): void {
    const all = [...this.#definitions, ...definitions];
    checkDefinitions(all);
    this.#definitions = all;
  }

  /**
   * Parses a connection string. No I/O.
   *
   * @throws StorageError `STORAGE_CONNECTION_STRING`
   *
   * @example
   * ```ts
   * const container = createContainer({ modules: [libsqlModule] });
   * container.parse('docs.db').backend; // 'libsql'
   * ```
   */
  parse(connectionString: string): Connection {
    return parseConnectionString(connectionString, { backends: this.definitions, env: this.#environment });
  }

  /**
   * Creates a backend without opening it; the caller must open and close it. No I/O.
   *
   * @throws StorageError `STORAGE_CONNECTION_STRING`; `STORAGE_CONTRACT_MISMATCH` for a backend of another version of the
   * ports.
   *
   * @example
   * ```ts
   * const container = createContainer({ modules: [libsqlModule] });
   * const store = await DocumentStore.open({ backend: container.createBackend(':memory:') });
   * await store.close();
   * ```
   */
  createBackend(connectionString: string, options?: CreateOptions): StorageBackend {
    const connection = this.parse(connectionString);
    const backend = this.#definitionOf(connection).create(connection, options);
    requireContract(backend);
    return backend;
  }

  /**
   * Creates a backend and opens it; {@link close} closes it. Each call creates another backend, so a failed call can be
   * repeated.
   *
   * @throws StorageError `STORAGE_CLOSED` after {@link close}, and what creating and opening throw.
   *
   * @example
   * ```ts
   * const container = createContainer({ modules: [libsqlModule] });
   * const backend = await container.openBackend(':memory:');
   * await container.close();
   * ```
   */
  openBackend(connectionString: string, options?: CreateOptions & CallOptions): Promise<StorageBackend> {
    const opening = this.#open(connectionString, options);
    this.#opening.add(opening);
    const done = () => this.#opening.delete(opening);
    opening.then(done, done);
    return opening;
  }

  /**
   * Closes the opened backends one by one, in reverse order, after waiting for pending openings. The container opens
   * nothing afterwards. Idempotent.
   *
   * @throws AggregateError with every failure, after attempting to close all backends.
   */
  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #definitionOf({ backend }: Connection): BackendDefinition {
    return this.definitions.find(({ name }) => name === backend) as BackendDefinition;
  }

  async #open(connectionString: string, options?: CreateOptions & CallOptions): Promise<StorageBackend> {
    if (this.#closing !== undefined) {
      throw new StorageError('STORAGE_CLOSED', 'The container is closed.');
    }
    const definition = this.#definitionOf(this.parse(connectionString));
    if (isOptional(definition)) await definition.load();
    const backend = this.createBackend(connectionString, options);
    await backend.open(options);
    this.#opened.push(backend);
    return backend;
  }

  async #closeAll(): Promise<void> {
    // Failures are reported to the callers of openBackend().
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
      throw new AggregateError(errors, `Failed to close ${errors.length} backend(s): ${reasons.join('; ')}`);
    }
  }
}
