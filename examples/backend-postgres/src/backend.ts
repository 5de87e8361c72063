import {
  type BackendReport,
  type CallOptions,
  type Capabilities,
  type Mutation,
  StorageError,
} from '@switchyard/storage-core';
import {
  BackendBase,
  type CallRunner,
  type CandidateRequest,
  type Candidates,
  type Catalog,
  type ChangeLog,
  type FtsIndex,
  isLoggedWrite,
  type Migrator,
  type ResultsOf,
  type VectorIndex,
  type VectorStaging,
} from '@switchyard/storage-core/backend';
import { BACKEND_NAME } from './capabilities.js';
import { postgresChangeLog } from './change-log/change-log.js';
import { applyLogged } from './change-log/transact.js';
import type { Database } from './database/database.js';
import { toStorageError } from './database/errors.js';
import { Session } from './database/session.js';
import { readCandidates } from './ports/candidates.js';
import { postgresCatalog } from './ports/catalog.js';
import { postgresFts } from './ports/fts.js';
import { inspectStore } from './ports/inspect.js';
import { postgresMigrator } from './ports/migrator.js';
import { postgresStaging } from './ports/staging.js';
import { postgresVectors } from './ports/vectors.js';

/** Options of a {@link PostgresBackend}. */
export interface PostgresOptions {
  /** Database that the store is in. */
  readonly database: Database;
  /** Capabilities, which depend on the place of the database. */
  readonly capabilities: Capabilities;
  /** Schema that contains the tables; a database may hold several stores. Default `switchyard`. */
  readonly schema?: string | undefined;
  /** Maximum time that a write waits for another one, in milliseconds. Default 30,000. */
  readonly busyTimeoutMs?: number | undefined;
  /** False does without pgvector in a new store. Default true: uses it where the server has it. */
  readonly pgvector?: boolean | undefined;
  /** Refuses to open a store that does not exist. Default false. */
  readonly mustExist?: boolean | undefined;
  /** Connection string without secrets, for reports. */
  readonly location?: string | undefined;
  /** Removes secrets from a message. Default: none. */
  readonly redact?: ((text: string) => string) | undefined;
}

/** Longest name in PostgreSQL, in bytes; longer ones are cut silently. */
const NAME_BYTES_MAX = 63;

/** A store in PostgreSQL. */
export class PostgresBackend extends BackendBase {
  readonly contractVersion = 1;
  readonly name = BACKEND_NAME;
  readonly capabilities: Capabilities;
  readonly migrator: Migrator;
  readonly catalog: Catalog;
  readonly vectors: VectorIndex;
  readonly fts: FtsIndex;
  readonly staging: VectorStaging;
  readonly changeLog: ChangeLog;
  readonly #options: PostgresOptions;
  readonly #session: Session;

  constructor(options: PostgresOptions) {
    super();
    const {
      database,
      capabilities,
      schema = 'switchyard',
      busyTimeoutMs = 30_000,
      pgvector = true,
    } = options;
    const redact = options.redact ?? ((text) => text);
    this.#options = { ...options, redact };
    this.capabilities = capabilities;
    this.#session = new Session({
      database,
      schema: quoted(schema),
      isEmbedded: database.isEmbedded,
      busyTimeoutMs,
      usePgvector: pgvector,
      redact,
    });
    const run: CallRunner = (callOptions, work) => this.run(callOptions, work);
    this.catalog = postgresCatalog(this.#session, run);
    this.vectors = postgresVectors(capabilities, this.#session, run);
    this.fts = postgresFts(capabilities, this.#session, run);
    this.staging = postgresStaging(capabilities, this.#session, run);
    this.changeLog = postgresChangeLog(this.#session, run);
    this.migrator = postgresMigrator(this.#session, run);
  }

  /** Connects, so that a wrong address or password is noticed now. */
  protected override async doOpen(options: CallOptions | undefined): Promise<void> {
    try {
      const exists = await this.#session.exists(options);
      if (!exists && this.#options.mustExist === true) throw this.#missing();
    } catch (error) {
      await this.doClose();
      throw error;
    }
  }

  protected override async doClose(): Promise<void> {
    this.#session.reset();
    try {
      await this.#options.database.close();
    } catch (error) {
      throw toStorageError(error, this.#options.redact ?? String);
    }
  }

  override apply<const M extends readonly Mutation[]>(
    mutations: M,
    options?: CallOptions,
  ): Promise<ResultsOf<M>> {
    return this.run(options, async () => {
      if (mutations.length === 0 && !isLoggedWrite(options)) return [] as unknown as ResultsOf<M>;
      const results = await this.#session.write(options, (transaction) =>
        applyLogged(this.capabilities, transaction, mutations, options),
      );
      return results as unknown as ResultsOf<M>;
    });
  }

  /** See `StorageBackend.candidates`. */
  candidates(request: CandidateRequest, options?: CallOptions): Promise<Candidates> {
    return this.run(options, () => readCandidates(this.capabilities, this.#session, request, options));
  }

  override inspect(options?: CallOptions): Promise<BackendReport> {
    const { location = this.name } = this.#options;
    return this.run(options, () => inspectStore(this.#session, this.capabilities, location, options));
  }

  #missing(): StorageError {
    const { location = 'the database', schema = 'switchyard' } = this.#options;
    return new StorageError(
      'STORAGE_NOT_FOUND',
      `There is no store in the schema ${schema} of ${location}.`,
      {
        backend: this.name,
        outcome: 'not-applied',
      },
    );
  }
}

/** Quotes the name of a schema. @throws StorageError `STORAGE_CONNECTION_STRING` */
function quoted(schema: string): string {
  if (schema === '' || schema.includes('\0') || Buffer.byteLength(schema) > NAME_BYTES_MAX) {
    throw new StorageError(
      'STORAGE_CONNECTION_STRING',
      `A schema has a name of 1 to ${NAME_BYTES_MAX} bytes.`,
      {
        backend: BACKEND_NAME,
      },
    );
  }
  return `"${schema.replaceAll('"', '""')}"`;
}
