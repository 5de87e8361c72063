import { faultsOfFts, type SqliteDriver } from '@switchyard/sqlite-common';
import type { AuditProblem, AuditReport } from '@switchyard/storage-core/backend';
import { faultyTriggers, triggersOf } from '../schema/triggers.js';
import { countDocuments, selectDifferences, selectMissing, selectOrphans } from './fts-statements.js';

/** Implements `FtsIndex.audit`. Only reads, so it neither waits for writers nor blocks one. */
export function auditFts(driver: SqliteDriver): AuditReport {
  return driver.readTransaction(() => {
    const { checked, problems } = compareTexts(driver);
    const contradiction = findContradiction(driver);
    return { checked, problems: contradiction === null ? problems : [...problems, contradiction] };
  });
}

/** Compares every text of the index with the chunks. Must run in a transaction. */
function compareTexts(driver: SqliteDriver): AuditReport {
  const problems: AuditProblem[] = [];
  for (const { name, fault } of faultyTriggers(driver)) {
    if (!triggersOf('fts').includes(name)) continue;
    const detail = `The trigger ${name} is ${fault}: writes of other programs may not reach the full-text index. Rebuilding restores it.`;
    problems.push({ kind: 'damaged', chunkId: null, detail });
  }
  for (const { id, isMissing } of driver.all<{ id: number; isMissing: number }>(selectDifferences)) {
    problems.push(
      isMissing !== 0
        ? { kind: 'missing', chunkId: id, detail: 'The chunk is missing from the full-text index.' }
        : {
            kind: 'damaged',
            chunkId: id,
            detail: 'The full-text entry differs from the chunk and its page.',
          },
    );
  }
  for (const { id } of driver.all<{ id: number }>(selectOrphans)) {
    problems.push({
      kind: 'orphan',
      chunkId: id,
      detail: 'The full-text index has an entry without a chunk.',
    });
  }
  return { checked: driver.first<{ n: number }>(countDocuments)?.n ?? 0, problems };
}

/** Compares the ids of chunks and full-text entries without reading any text. */
export function compareFts(driver: SqliteDriver): AuditReport {
  return driver.readTransaction(() => {
    const problems: AuditProblem[] = [];
    for (const { id } of driver.all<{ id: number }>(selectMissing)) {
      const detail = 'The chunk is missing from the full-text index.';
      problems.push({ kind: 'missing', chunkId: id, detail });
    }
    for (const { id } of driver.all<{ id: number }>(selectOrphans)) {
      problems.push({
        kind: 'orphan',
        chunkId: id,
        detail: 'The full-text index has an entry without a chunk.',
      });
    }
    return { checked: driver.first<{ n: number }>(countDocuments)?.n ?? 0, problems };
  });
}

function findContradiction(driver: SqliteDriver): AuditProblem | null {
  if (faultsOfFts(driver, 'documents_fts').length === 0) return null;
  return {
    kind: 'damaged',
    chunkId: null,
    detail: 'The full-text index contradicts the texts it was built from.',
  };
}
