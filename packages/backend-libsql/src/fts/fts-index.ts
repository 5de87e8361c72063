import { findVersionId, type SqliteDriver } from '@switchyard/sqlite-common';
import type { CallOptions } from '@switchyard/storage-core';
import {
  type AuditReport,
  type CallRunner,
  checkFtsQuery,
  type FtsHit,
  type FtsIndex,
  type FtsQuery,
} from '@switchyard/storage-core/backend';
import type { ServerSearch } from '../server/search.js';
import { auditFts } from './audit.js';
import * as sql from './fts-statements.js';
import type { FtsSearch } from './ranking/fts-search.js';

/** The words of a store. */
export class LibsqlFtsIndex implements FtsIndex {
  readonly #run: CallRunner;
  readonly #runWrite: CallRunner;
  readonly #driver: () => SqliteDriver;
  readonly #fts: () => FtsSearch;
  readonly #server: () => ServerSearch | null;

  /**
   * @param runWrite Runs calls that write.
   * @param server Searches on a server; null elsewhere.
   */
  constructor(
    run: CallRunner,
    runWrite: CallRunner,
    driver: () => SqliteDriver,
    fts: () => FtsSearch,
    server: () => ServerSearch | null,
  ) {
    this.#run = run;
    this.#runWrite = runWrite;
    this.#driver = driver;
    this.#fts = fts;
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
        return versionId === null ? [] : this.#fts().match(driver, versionId, query);
      });
    });
  }

  rebuild(options?: CallOptions): Promise<void> {
    return this.#runWrite(options, () => {
      const driver = this.#driver();
      driver.transaction(() => rebuildFts(driver));
    });
  }

  audit(options?: CallOptions): Promise<AuditReport> {
    return this.#run(options, () => auditFts(this.#driver()));
  }
}

/** Writes the index anew from the texts. Must run in a write transaction. */
export function rebuildFts(driver: SqliteDriver): void {
  driver.run(sql.REBUILD);
  driver.run(sql.COUNT_CONFIGURATION_UP);
}
