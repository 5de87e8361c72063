import { findVersionId, match, type SqliteDriver } from '@switchyard/sqlite-common';
import {
  type AuditProblem,
  type AuditReport,
  type CallOptions,
  type CallRunner,
  checkFtsQuery,
  type FtsHit,
  type FtsIndex,
  type FtsQuery,
  isStorageError,
} from '@switchyard/storage-core';
import { faultyTriggers, restoreTriggers, triggersOf } from '../schema/triggers.js';
import {
  checkIntegrity,
  countDocuments,
  createWords,
  insertWords,
  matchStatements,
  selectDifferences,
  selectOrphans,
} from './statements.js';

/** The FTS5 table of a store. */
export class DocumentsFts implements FtsIndex {
  readonly #run: CallRunner;
  readonly #driver: () => SqliteDriver;

  constructor(run: CallRunner, driver: () => SqliteDriver) {
    this.#run = run;
    this.#driver = driver;
  }

  match(query: FtsQuery, options?: CallOptions): Promise<readonly FtsHit[]> {
    return this.#run(options, () => {
      const driver = this.#driver();
      checkFtsQuery(query);
      return driver.readTransaction(() => {
        const versionId = findVersionId(driver, query.version);
        return versionId === null ? [] : match(driver, matchStatements, versionId, query);
      });
    });
  }

  rebuild(options?: CallOptions): Promise<void> {
    return this.#run(options, () => rebuildWords(this.#driver()));
  }

  audit(options?: CallOptions): Promise<AuditReport> {
    return this.#run(options, () => auditWords(this.#driver()));
  }
}

function rebuildWords(driver: SqliteDriver): void {
  driver.transaction(() => {
    const broken = faultyTriggers(driver).map(({ name }) => name);
    restoreTriggers(
      driver,
      broken.filter((name) => triggersOf('fts').includes(name)),
    );
    // A new table and not a deletion of all rows, which would fail on an index that contradicts itself.
    driver.exec('DROP TABLE IF EXISTS documents_fts');
    driver.exec(createWords);
    driver.run(insertWords);
  });
}

function auditWords(driver: SqliteDriver): AuditReport {
  // The integrity check of FTS5 is an INSERT, so that this needs the write lock.
  return driver.transaction(() => {
    const problems: AuditProblem[] = [];
    for (const { name, fault } of faultyTriggers(driver)) {
      if (!triggersOf('fts').includes(name)) continue;
      const detail = `The trigger ${name} is ${fault}: what other programs write may not reach full text. Rebuilding restores it.`;
      problems.push({ kind: 'damaged', chunkId: null, detail });
    }
    for (const { id, isMissing } of driver.all<{ id: number; isMissing: number }>(selectDifferences)) {
      problems.push(
        isMissing !== 0
          ? { kind: 'missing', chunkId: id, detail: 'The words of the chunk are not in full text.' }
          : {
              kind: 'damaged',
              chunkId: id,
              detail: 'Full text holds other words than the chunk and its page.',
            },
      );
    }
    for (const { id } of driver.all<{ id: number }>(selectOrphans)) {
      problems.push({ kind: 'orphan', chunkId: id, detail: 'Full text holds an entry without a chunk.' });
    }
    const contradiction = findContradiction(driver);
    if (contradiction !== null) problems.push(contradiction);
    return { checked: driver.first<{ n: number }>(countDocuments)?.n ?? 0, problems };
  });
}

function findContradiction(driver: SqliteDriver): AuditProblem | null {
  try {
    driver.run(checkIntegrity);
    return null;
  } catch (error) {
    if (!isStorageError(error, 'STORAGE_CORRUPT')) throw error;
    return {
      kind: 'damaged',
      chunkId: null,
      detail: 'The full-text index contradicts the texts it was made from.',
    };
  }
}
