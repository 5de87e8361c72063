import { findVersionId, type SqliteDriver } from '@switchyard/sqlite-common';
import {
  type AuditProblem,
  type AuditReport,
  type CallOptions,
  type CallRunner,
  type ChunkId,
  checkFtsQuery,
  type FtsHit,
  type FtsIndex,
  type FtsQuery,
  isStorageError,
} from '@switchyard/storage-core';
import type { ServerSearch } from '../server/search.js';
import * as sql from './statements.js';
import type { WordSearch } from './words/word-search.js';

/** The words of a store. */
export class LibsqlFtsIndex implements FtsIndex {
  readonly #run: CallRunner;
  readonly #driver: () => SqliteDriver;
  readonly #words: () => WordSearch;
  readonly #server: () => ServerSearch | null;

  /** @param server Searches on a server; null elsewhere. */
  constructor(
    run: CallRunner,
    driver: () => SqliteDriver,
    words: () => WordSearch,
    server: () => ServerSearch | null,
  ) {
    this.#run = run;
    this.#driver = driver;
    this.#words = words;
    this.#server = server;
  }

  match(query: FtsQuery, options?: CallOptions): Promise<readonly FtsHit[]> {
    return this.#run(options, () => {
      checkFtsQuery(query);
      const server = this.#server();
      if (server !== null) return server.match(query);
      const driver = this.#driver();
      return driver.readTransaction(() => {
        const versionId = findVersionId(driver, query.version);
        return versionId === null ? [] : this.#words().match(driver, versionId, query);
      });
    });
  }

  rebuild(options?: CallOptions): Promise<void> {
    return this.#run(options, () => {
      const driver = this.#driver();
      driver.transaction(() => {
        driver.run(sql.REBUILD);
        driver.run(sql.COUNT_CONFIGURATION_UP);
      });
    });
  }

  audit(options?: CallOptions): Promise<AuditReport> {
    return this.#run(options, () => auditWords(this.#driver()));
  }
}

function auditWords(driver: SqliteDriver): AuditReport {
  // The integrity check of FTS5 is an INSERT, so that this needs the write lock.
  return driver.transaction(() => {
    const missing = driver.all<{ id: ChunkId }>(sql.NOT_INDEXED);
    const orphans = driver.all<{ id: ChunkId }>(sql.INDEXED_WITHOUT_CHUNK);
    const problems: AuditProblem[] = [
      ...missing.map(({ id }) => problem('missing', id, 'The words of the chunk are not in full text.')),
      ...orphans.map(({ id }) => problem('orphan', id, 'Full text holds an entry without a chunk.')),
    ];
    // With entries missing or left over, the check fails for what was just said.
    if (problems.length === 0 && contradictsItself(driver)) {
      problems.push(problem('damaged', null, 'The full-text index contradicts the texts it was made from.'));
    }
    return { checked: driver.first<{ n: number }>(sql.COUNT_CHUNKS)?.n ?? 0, problems };
  });
}

function problem(kind: AuditProblem['kind'], chunkId: ChunkId | null, detail: string): AuditProblem {
  return { kind, chunkId, detail };
}

function contradictsItself(driver: SqliteDriver): boolean {
  try {
    driver.run(sql.CHECK_INTEGRITY);
    return false;
  } catch (error) {
    if (isStorageError(error, 'STORAGE_CORRUPT')) return true;
    throw error;
  }
}
