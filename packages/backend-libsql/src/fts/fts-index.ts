import type { SqliteDriver } from '@switchyard/sqlite-common';
import type { CallOptions } from '@switchyard/storage-core';
import type { AuditReport, CallRunner, FtsHit, FtsIndex, FtsQuery } from '@switchyard/storage-core/backend';
import type { StoreSearch } from '../search/store-search.js';
import { auditFts } from './audit.js';
import * as sql from './fts-statements.js';

/** Full-text index of a store. */
export class LibsqlFtsIndex implements FtsIndex {
  readonly #run: CallRunner;
  readonly #runWrite: CallRunner;
  readonly #driver: () => SqliteDriver;
  readonly #search: () => StoreSearch;

  /** @param runWrite runs calls that write */
  constructor(run: CallRunner, runWrite: CallRunner, driver: () => SqliteDriver, search: () => StoreSearch) {
    this.#run = run;
    this.#runWrite = runWrite;
    this.#driver = driver;
    this.#search = search;
  }

  match(query: FtsQuery, options?: CallOptions): Promise<readonly FtsHit[]> {
    return this.#run(options, () => this.#search().match(query));
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

/** Rebuilds the index from the texts. Must run in a write transaction. */
export function rebuildFts(driver: SqliteDriver): void {
  driver.run(sql.REBUILD);
  driver.run(sql.COUNT_CONFIGURATION_UP);
}
