import type { SqliteDriver } from '@switchyard/sqlite-common';
import type { EmbeddingProfile } from '@switchyard/storage-core';
import type { VectorStats } from '@switchyard/storage-core/backend';
import type { ProblemKind } from '../problems.js';
import { findVectorFaults, hasIndexOf, isIndexed } from '../vectors/faults.js';
import { VectorScan } from '../vectors/scan.js';
import * as sql from './statements.js';

/** Implements `VectorIndex.stats` with the scan of a conversion, so that both count alike. */
export function vectorStats(driver: SqliteDriver, profile: EmbeddingProfile | null): VectorStats {
  const chunks = driver.first<{ n: number }>(sql.COUNT_CHUNKS)?.n ?? 0;
  const problems = new Map<ProblemKind, number>();
  const countOf = (kind: ProblemKind) => problems.get(kind) ?? 0;
  const problem = ({ kind }: { readonly kind: ProblemKind }) => problems.set(kind, countOf(kind) + 1);
  let indexed = 0;
  if (profile !== null) {
    driver.exec(sql.SETTLED);
    const sink = {
      vector: ({ id }: { readonly id: number }) => {
        indexed += 1;
        driver.run(sql.SETTLE, [id]);
      },
      problem,
      progress: () => undefined,
    };
    const usesIndex = hasIndexOf(driver, profile.dimension);
    const scan = new VectorScan(driver, profile.dimension, sink, (id) => usesIndex && isIndexed(driver, id));
    const first = Number.MIN_SAFE_INTEGER;
    for (let at: number | null = usesIndex ? first : null; at !== null; ) at = scan.nextIndexed(at);
    for (let at: number | null = first; at !== null; ) at = scan.nextRemaining(at);
  }
  findVectorFaults(driver, profile, problem);
  const embeddings = profile === null ? (driver.first<{ n: number }>(sql.COUNT_EMBEDDINGS)?.n ?? 0) : 0;
  const unusable = countOf('vector-unusable') + countOf('index-only') + embeddings;
  const disagreeing = countOf('index-differs') + countOf('index-misplaced');
  const stats = { indexed, without: Math.max(0, chunks - indexed - unusable), unusable };
  return disagreeing === 0 ? stats : { ...stats, disagreeing };
}
