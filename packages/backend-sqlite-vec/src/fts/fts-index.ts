import {
  findVersionId,
  longCallsFor,
  match,
  readPassingChunks,
  type SqliteDriver,
} from '@switchyard/sqlite-common';
import type { CallOptions } from '@switchyard/storage-core';
import {
  type AuditReport,
  type CallRunner,
  checkFtsQuery,
  type FtsHit,
  type FtsIndex,
  type FtsQuery,
  type LongCalls,
  normalizeFilter,
} from '@switchyard/storage-core/backend';
import { faultyTriggers, restoreTriggers, triggersOf } from '../schema/triggers.js';
import { auditFts } from './audit.js';
import { createFts, insertFts, matchStatements } from './fts-statements.js';

/** The FTS5 table of a store. */
export class DocumentsFts implements FtsIndex {
  readonly #run: CallRunner;
  readonly #runWrite: CallRunner;
  readonly #driver: () => SqliteDriver;
  readonly #longCalls: LongCalls | null;

  /**
   * @param runWrite Runs calls that write.
   * @param longCalls Does long calls on a large store elsewhere; null never does.
   */
  constructor(
    run: CallRunner,
    runWrite: CallRunner,
    driver: () => SqliteDriver,
    longCalls: LongCalls | null,
  ) {
    this.#run = run;
    this.#runWrite = runWrite;
    this.#driver = driver;
    this.#longCalls = longCalls;
  }

  match(query: FtsQuery, options?: CallOptions): Promise<readonly FtsHit[]> {
    return this.#run(options, () => {
      const driver = this.#driver();
      checkFtsQuery(query);
      return driver.readTransaction(() => {
        const versionId = findVersionId(driver, query.version);
        if (versionId === null) return [];
        const filter = normalizeFilter(query.filter);
        const passing = filter === null ? null : readPassingChunks(driver, versionId, filter);
        return match(driver, matchStatements, versionId, query, passing);
      });
    });
  }

  rebuild(options?: CallOptions): Promise<void> {
    return this.#runWrite(options, () => this.#far()?.rebuild(options) ?? rebuildFts(this.#driver()));
  }

  audit(options?: CallOptions): Promise<AuditReport> {
    return this.#run(options, () => this.#far()?.audit(options) ?? auditFts(this.#driver()));
  }

  /** The same calls elsewhere, when the store is large. */
  #far(): LongCalls['fts'] | null {
    return longCallsFor(this.#driver(), this.#longCalls)?.fts ?? null;
  }
}

/** Implements `FtsIndex.rebuild`. */
export function rebuildFts(driver: SqliteDriver): void {
  driver.transaction(() => {
    const broken = faultyTriggers(driver).map(({ name }) => name);
    restoreTriggers(
      driver,
      broken.filter((name) => triggersOf('fts').includes(name)),
    );
    // Creates a new table, because deleting all rows fails on an index that contradicts itself.
    driver.exec('DROP TABLE IF EXISTS documents_fts');
    driver.exec(createFts);
    driver.run(insertFts);
  });
}
