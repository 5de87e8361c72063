import type { CallOptions, ChunkId, EmbeddingProfile } from '@switchyard/storage-core';
import {
  type CallRunner,
  checkMissingRequest,
  checkStageRequest,
  type LongCalls,
  type MissingRequest,
  type ProfileRequest,
  requireComplete,
  requireStaged,
  type StagedVector,
  type StageRequest,
  type StagingResult,
  type StagingStatus,
  type UnstagedChunk,
  type VectorStaging,
} from '@switchyard/storage-core/backend';
import type { SqliteDriver } from '../driver.js';
import { parseMetadata } from '../rows/metadata.js';
import { longCallsFor } from '../store-file/long-calls-for.js';
import * as sql from './staging-statements.js';

/** A vector to be staged. */
export interface NewVector extends StagedVector {
  readonly values: Float32Array;
}

/** Dependencies of the staging of a backend. */
export interface StagingContext {
  /** Name of the backend. */
  readonly backend: string;
  /** Runs calls that read. */
  readonly run: CallRunner;
  /** Runs calls that write. */
  readonly runWrite: CallRunner;
  readonly driver: () => SqliteDriver;
  /** Commits elsewhere when the store is large; null never does. */
  readonly longCalls: LongCalls | null;
  /** Maximum number of chunks in a result. Default: no limit. */
  readonly chunksAtOnce?: number | undefined;
  /** Reads the embedding profile of the store. */
  readonly readProfile: (driver: SqliteDriver) => EmbeddingProfile | null;
  /** Validates and completes the requested profile. @throws StorageError, TypeError */
  readonly wantedProfile: (stored: EmbeddingProfile | null, request: ProfileRequest) => EmbeddingProfile;
  /** Creates the table `staged_vectors`, with a key `document_id`. */
  readonly createTable: (driver: SqliteDriver, profile: EmbeddingProfile) => void;
  /**
   * Stages vectors of existing chunks if the staged profile is this one; otherwise does nothing.
   *
   * @returns Number of staged vectors.
   */
  readonly write: (driver: SqliteDriver, profile: EmbeddingProfile, vectors: readonly NewVector[]) => number;
  /**
   * Replaces the vectors and profile of the store with the staged ones and drops the table of staged vectors. Called
   * inside a transaction, after all other staging state was removed.
   */
  readonly replaceVectors: (
    driver: SqliteDriver,
    profile: EmbeddingProfile,
    previous: EmbeddingProfile | null,
  ) => void;
}

interface MissingRow {
  readonly id: ChunkId;
  readonly content: string | null;
  readonly metadata: string | null;
  readonly url: string;
  readonly title: string | null;
}

interface Counts {
  readonly vectors: number;
  readonly without: number;
  readonly total: number;
}

/** Staged vectors in tables that exist only while a store is being re-embedded: see staging-statements.ts. */
export class SqlStaging implements VectorStaging {
  readonly #context: StagingContext;

  constructor(context: StagingContext) {
    this.#context = context;
  }

  begin(request: ProfileRequest, options?: CallOptions): Promise<StagingStatus> {
    return this.#runWrite(options, (driver) =>
      driver.transaction(() => {
        const { backend, readProfile, wantedProfile, createTable } = this.#context;
        const wanted = wantedProfile(readProfile(driver), request);
        const staged = readStagedProfile(driver);
        if (staged === null) {
          createTable(driver, wanted);
          driver.exec(sql.CREATE_STAGING);
          driver.run(sql.PUT_STAGED_PROFILE, [wanted.model, wanted.dimension, wanted.metric]);
        }
        return statusOf(driver, requireStaged(backend, staged ?? wanted, wanted));
      }),
    );
  }

  status(options?: CallOptions): Promise<StagingStatus | null> {
    return this.#run(options, (driver) =>
      driver.readTransaction(() => {
        const staged = readStagedProfile(driver);
        return staged === null ? null : statusOf(driver, staged);
      }),
    );
  }

  missing(request: MissingRequest, options?: CallOptions): Promise<readonly UnstagedChunk[]> {
    return this.#run(options, (driver) => {
      checkMissingRequest(request);
      const { after = 0, limit } = request;
      const { chunksAtOnce = limit } = this.#context;
      return this.#whileStaging(driver, null, () =>
        driver.all<MissingRow>(sql.MISSING_AFTER, [after, Math.min(limit, chunksAtOnce)]).map(toChunk),
      );
    });
  }

  stage({ profile, vectors }: StageRequest, options?: CallOptions): Promise<void> {
    return this.#runWrite(options, (driver) => {
      checkStageRequest({ profile, vectors });
      // If a chunk occurs repeatedly, its last vector counts.
      const last = [...new Map(vectors.map((vector) => [vector.chunkId, vector])).values()];
      const given = last.filter(hasValues);
      const givenUp = last.filter((vector) => !hasValues(vector)).map(({ chunkId }) => chunkId);
      this.#whileStaging(driver, profile, () => {
        let staged = given.length === 0 ? 0 : this.#context.write(driver, profile, given);
        if (givenUp.length > 0) {
          const { model, dimension, metric } = profile;
          staged += driver.run(sql.GIVE_UP, [JSON.stringify(givenUp), model, dimension, metric]).changes;
        }
        // Either all of the chunks are gone, or something else is being staged.
        if (staged === 0) requireStaged(this.#context.backend, readStagedProfile(driver), profile);
      });
    });
  }

  commit(profile: EmbeddingProfile, options?: CallOptions): Promise<StagingResult> {
    const { longCalls } = this.#context;
    return this.#runWrite(options, (driver) => {
      const elsewhere = longCallsFor(driver, longCalls);
      if (elsewhere !== null) return elsewhere.commitStaging(profile, options);
      return driver.transaction(() => {
        const { backend, readProfile, replaceVectors } = this.#context;
        requireStaged(backend, readStagedProfile(driver), profile);
        requireComplete(backend, driver.first<{ n: number }>(sql.COUNT_MISSING)?.n ?? 0);
        const previous = readProfile(driver);
        const { vectors, without } = countStaged(driver);
        driver.exec(sql.DROP_STAGING);
        replaceVectors(driver, profile, previous);
        return { profile, previous, vectors, givenUp: without };
      });
    });
  }

  abort(options?: CallOptions): Promise<boolean> {
    return this.#runWrite(options, (driver) =>
      driver.transaction(() => {
        if (readStagedProfile(driver) === null) return false;
        driver.exec(sql.DROP_STAGING);
        driver.exec(sql.DROP_STAGED_VECTORS);
        return true;
      }),
    );
  }

  #run<T>(options: CallOptions | undefined, work: (driver: SqliteDriver) => T): Promise<T> {
    return this.#context.run(options, () => work(this.#context.driver()));
  }

  #runWrite<T>(options: CallOptions | undefined, work: (driver: SqliteDriver) => T | Promise<T>): Promise<T> {
    return this.#context.runWrite(options, () => work(this.#context.driver()));
  }

  /** One request in the normal case: if nothing is staged, the tables do not exist. */
  #whileStaging<T>(driver: SqliteDriver, profile: EmbeddingProfile | null, work: () => T): T {
    try {
      return work();
    } catch (error) {
      requireStaged(this.#context.backend, readStagedProfile(driver), profile);
      throw error;
    }
  }
}

function readStagedProfile(driver: SqliteDriver): EmbeddingProfile | null {
  if (driver.first(sql.STAGING_EXISTS) === undefined) return null;
  const row = driver.first<{ model: string | null; dimension: number; metric: string }>(sql.STAGED_PROFILE);
  if (row === undefined) return null;
  return { model: row.model, dimension: row.dimension, metric: row.metric === 'l2' ? 'l2' : 'cosine' };
}

function statusOf(driver: SqliteDriver, profile: EmbeddingProfile): StagingStatus {
  const { vectors, without, total } = countStaged(driver);
  return { profile, staged: vectors + without, givenUp: without, total };
}

function countStaged(driver: SqliteDriver): Counts {
  return driver.first<Counts>(sql.COUNT_STAGED) ?? { vectors: 0, without: 0, total: 0 };
}

function hasValues(vector: StagedVector): vector is NewVector {
  return vector.values !== null;
}

function toChunk({ id, content, metadata, url, title }: MissingRow): UnstagedChunk {
  return { chunkId: id, content: content ?? '', metadata: parseMetadata(metadata), page: { url, title } };
}
