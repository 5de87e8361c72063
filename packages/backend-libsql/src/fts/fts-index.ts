import { longCallsFor, type SqliteDriver } from '@switchyard/sqlite-common';
import type { CallOptions } from '@switchyard/storage-core';
import type { AuditReport, FtsHit, FtsIndex, FtsQuery, LongCalls } from '@switchyard/storage-core/backend';
import type { SessionRunners } from '../sessions/session.js';
import { auditFts } from './audit.js';
import * as sql from './fts-statements.js';

/** Full-text index of a store. */
export class LibsqlFtsIndex implements FtsIndex {
  readonly #runners: SessionRunners;
  readonly #elsewhere: LongCalls | null;

  constructor(runners: SessionRunners, elsewhere: LongCalls | null) {
    this.#runners = runners;
    this.#elsewhere = elsewhere;
  }

  match(query: FtsQuery, options?: CallOptions): Promise<readonly FtsHit[]> {
    return this.#runners.read(options, ({ search }) => search.match(query));
  }

  rebuild(options?: CallOptions): Promise<void> {
    return this.#runners.write(
      options,
      ({ driver }) => this.#far(driver)?.rebuild(options) ?? driver.transaction(() => rebuildFts(driver)),
    );
  }

  audit(options?: CallOptions): Promise<AuditReport> {
    return this.#runners.read(options, ({ driver }) => this.#far(driver)?.audit(options) ?? auditFts(driver));
  }

  /** The same calls elsewhere, when the store is large. */
  #far(driver: SqliteDriver): LongCalls['fts'] | null {
    return longCallsFor(driver, this.#elsewhere)?.fts ?? null;
  }
}

/** Rebuilds the index from the texts. Must run in a write transaction. */
export function rebuildFts(driver: SqliteDriver): void {
  driver.run(sql.REBUILD);
  driver.run(sql.COUNT_CONFIGURATION_UP);
}
