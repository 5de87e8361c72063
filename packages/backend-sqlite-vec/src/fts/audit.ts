import { faultsOfFts, type SqliteDriver } from '@switchyard/sqlite-common';
import type { AuditProblem, AuditReport } from '@switchyard/storage-core/backend';
import { faultyTriggers, triggersOf } from '../schema/triggers.js';
import { countDocuments, selectDifferences, selectMissing, selectOrphans } from './fts-statements.js';

/** See `FtsIndex.audit`. Only reads: it neither waits for writers nor holds one up. */
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
  return { checked: driver.first<{ n: number }>(countDocuments)?.n ?? 0, problems };
}

/** Compares which chunks there are and which are in full text; no text is read. */
export function compareFts(driver: SqliteDriver): AuditReport {
  return driver.readTransaction(() => {
    const problems: AuditProblem[] = [];
    for (const { id } of driver.all<{ id: number }>(selectMissing)) {
      const detail = 'The words of the chunk are not in full text.';
      problems.push({ kind: 'missing', chunkId: id, detail });
    }
    for (const { id } of driver.all<{ id: number }>(selectOrphans)) {
      problems.push({ kind: 'orphan', chunkId: id, detail: 'Full text holds an entry without a chunk.' });
    }
    return { checked: driver.first<{ n: number }>(countDocuments)?.n ?? 0, problems };
  });
}

function findContradiction(driver: SqliteDriver): AuditProblem | null {
  if (faultsOfFts(driver, 'documents_fts').length === 0) return null;
  return {
    kind: 'damaged',
    chunkId: null,
    detail: 'The full-text index contradicts the texts it was made from.',
  };
}
