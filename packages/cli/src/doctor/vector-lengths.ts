import type { CallOptions, EmbeddingProfile, StorageBackend } from '@switchyard/storage-core';
import type { Check } from './report.js';

/** Versions and pages of each whose vectors are measured. */
const VERSIONS = 5;
const PAGES_PER_VERSION = 4;

/** Deviation from 1 that rounding to float32, or to fewer digits by an embedding service, can explain. */
const TOLERANCE = 0.01;

/**
 * Measures a sample of the vectors of a store that compares them by L2. If their lengths differ from 1, L2 and cosine
 * rank differently, and the model may have been trained for cosine. Returns null if there is nothing to report.
 */
export async function checkVectorLengths(
  backend: StorageBackend,
  profile: EmbeddingProfile | null,
  options: CallOptions,
): Promise<Check | null> {
  if (profile?.metric !== 'l2') return null;
  let measured = 0;
  let others = 0;
  const versions = (await backend.catalog.overview(options)).filter(({ chunks }) => chunks > 0);
  for (const { version } of versions.slice(0, VERSIONS)) {
    const request = { version: { versionId: version.id }, limit: PAGES_PER_VERSION };
    for (const { chunks } of await backend.catalog.snapshot(request, options)) {
      for (const { vector } of chunks) {
        if (vector === null) continue;
        measured += 1;
        if (Math.abs(lengthOf(vector) - 1) > TOLERANCE) others += 1;
      }
    }
  }
  if (others === 0) return null;
  return {
    name: 'metric',
    ok: true,
    finding: `${others} of ${measured} sampled vectors are not of length 1, so l2 and cosine rank differently.`,
    advice:
      "If the model is meant for cosine similarity, normalize its vectors, or create the store with metric: 'cosine' " +
      '(`switchyard copy STORE NEW --metric cosine` makes such a copy of a store).',
  };
}

function lengthOf(vector: Float32Array): number {
  return Math.sqrt(vector.reduce((sum, component) => sum + component * component, 0));
}
