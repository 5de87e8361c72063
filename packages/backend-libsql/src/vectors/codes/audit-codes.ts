import type { SqliteDriver } from '@switchyard/sqlite-common';
import type { ChunkId, EmbeddingProfile, VersionId } from '@switchyard/storage-core';
import type { AuditProblem } from '@switchyard/storage-core/backend';
import { BlockFormatError, CodeTable, createKernel } from '@switchyard/vector-kernel';
import { readGeneration } from '../generations.js';
import { applyEntry, BLOCK_BYTES, entriesAfter, hasCodes, NOTHING_APPLIED } from './code-log.js';
import { VERSIONS } from './code-statements.js';
import { eachBatch } from './each-batch.js';

const kernel = createKernel({ implementation: 'typescript' });

/**
 * Compares the codes of every version with its vectors: the log must yield what quantizing them yields, bit by bit. A log
 * that was left behind is not used and is not a problem.
 */
export function auditCodes(driver: SqliteDriver, profile: EmbeddingProfile): AuditProblem[] {
  if (!hasCodes(profile)) return [];
  return driver.all<{ id: VersionId }>(VERSIONS).flatMap(({ id }) => auditVersion(driver, profile, id));
}

function auditVersion(driver: SqliteDriver, profile: EmbeddingProfile, versionId: VersionId): AuditProblem[] {
  const { generation, coded } = readGeneration(driver, versionId);
  if (coded !== generation) return [];
  const { dimension, metric } = profile;
  const table = new CodeTable({ dimension, metric, kernel });
  try {
    for (const entry of entriesAfter(driver, versionId, NOTHING_APPLIED)) {
      applyEntry(table, entry, NOTHING_APPLIED, true);
    }
  } catch (error) {
    if (!(error instanceof BlockFormatError || error instanceof RangeError)) throw error;
    const detail = `The codes of version ${versionId} cannot be read: ${error.message}.`;
    return [{ kind: 'damaged', chunkId: null, detail }];
  }
  const problems: AuditProblem[] = [];
  const stored = fingerprints(table);
  const perBatch = Math.max(1, Math.floor(BLOCK_BYTES / dimension));
  for (const { ids, vectors } of eachBatch(driver, profile, versionId, perBatch)) {
    const batch = new CodeTable({ dimension, metric, kernel });
    batch.append(ids, vectors);
    for (const [chunkId, fingerprint] of fingerprints(batch)) {
      const found = stored.get(chunkId);
      stored.delete(chunkId);
      if (found === undefined) problems.push({ kind: 'missing', chunkId, detail: 'A vector without codes.' });
      else if (found !== fingerprint) {
        problems.push({ kind: 'damaged', chunkId, detail: 'The codes are not those of the vector.' });
      }
    }
  }
  for (const chunkId of stored.keys()) {
    problems.push({ kind: 'orphan', chunkId, detail: 'Codes without a vector.' });
  }
  return problems;
}

/** Returns the scale and a 32-bit FNV-1a hash of the codes of each row. */
function fingerprints(table: CodeTable): Map<ChunkId, string> {
  const ids = table.ids();
  const found = new Map<ChunkId, string>();
  table.forEachRow((row, scale, codes) => {
    let hash = 0x811c9dc5;
    for (const code of codes) hash = Math.imul(hash ^ (code & 0xff), 0x01000193);
    found.set(ids[row] as ChunkId, `${scale}:${hash}`);
  });
  return found;
}
