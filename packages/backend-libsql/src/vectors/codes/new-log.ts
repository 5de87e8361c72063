import type { SqliteDriver } from '@switchyard/sqlite-common';
import type { ChunkId, EmbeddingProfile, VersionId } from '@switchyard/storage-core';
import { quantizeRows, rowsPerBlock } from '@switchyard/vector-kernel';
import { writeGeneration } from '../generations.js';
import { BLOCK_BYTES, entrySizes, rewriteLog } from './code-log.js';
import * as sql from './code-statements.js';

/** Generation of a version whose log is written while the store is built. */
const FIRST_GENERATION = 1;

/**
 * Appends vectors to the log of a version while its store is built and not yet read. {@link finishLog} must follow. Spares
 * writers that have the vectors at hand from reading them again.
 *
 * @param vectors concatenated, one per id
 */
export function appendToNewLog(
  driver: SqliteDriver,
  { dimension, metric }: EmbeddingProfile,
  versionId: VersionId,
  ids: readonly ChunkId[],
  vectors: Float32Array,
): void {
  const perBlock = rowsPerBlock(dimension, BLOCK_BYTES);
  for (let from = 0; from < ids.length; from += perBlock) {
    const part = ids.slice(from, from + perBlock);
    const packed = vectors.subarray(from * dimension, (from + part.length) * dimension);
    const codes = quantizeRows(part, packed, dimension, metric);
    driver.run(sql.INSERT_ENTRY, [versionId, 0, FIRST_GENERATION, part.length, null, codes]);
  }
}

/**
 * Completes the log after {@link appendToNewLog}. Rewrites it if it lacks vectors or consists of many small parts. Must run
 * in a write transaction.
 */
export function finishLog(driver: SqliteDriver, profile: EmbeddingProfile, versionId: VersionId): void {
  const sizes = entrySizes(driver, versionId);
  const coded = sizes.reduce((sum, { vectors }) => sum + vectors, 0);
  const present = driver.first<{ n: number }>(sql.COUNT_VECTORS, [versionId])?.n ?? 0;
  const fewest = Math.ceil(present / rowsPerBlock(profile.dimension, BLOCK_BYTES));
  if (coded !== present || sizes.length > 2 * fewest + 1) {
    rewriteLog(driver, profile, versionId);
    return;
  }
  const generation = FIRST_GENERATION;
  writeGeneration(driver, versionId, { generation, coded: generation, base: generation });
}
