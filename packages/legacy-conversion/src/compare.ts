import { LibsqlBackend } from '@switchyard/backend-libsql';
import {
  collectGarbage,
  collectYoungGarbage,
  releaseClosedConnections,
} from '@switchyard/backend-libsql/bulk';
import { StorageError, type VerifyResult, verifyStores } from '@switchyard/storage-core';
import { BACKEND_NAME } from './backend-name.js';
import type { ProblemCounts, ProblemKind } from './problems.js';
import { InlineLegacySource } from './source/legacy-source.js';
import type { ConversionOptions } from './types.js';

/** Problems after which a vector of the index may differ from that of the chunk. */
const indexFaults = [
  'index-missing',
  'index-differs',
  'index-only',
  'index-misplaced',
  'vector-unusable',
] as const satisfies readonly ProblemKind[];

/** Problems of the full-text index that the conversion fixed, so that full-text rankings may differ. */
const wordFaults = [
  'fts-missing',
  'fts-orphan',
  'fts-differ',
  // SQLite treats some bytes that are not UTF-8 as letters.
  'text-ill-formed',
  'text-numbered',
] as const satisfies readonly ProblemKind[];

/** Number of chunks after which their memory, some megabytes, is freed. */
const CHUNKS_AT_ONCE = 256;

/** Reads both stores from their files and compares all of their content, in little memory. */
export async function compareWithLegacy(
  from: string,
  store: string,
  problems: ProblemCounts,
  { onProgress, signal, deadline }: ConversionOptions,
): Promise<VerifyResult> {
  collectGarbage(); // of the conversion
  const has = (kinds: readonly ProblemKind[]) => kinds.some((kind) => (problems[kind] ?? 0) > 0);
  const legacy = new InlineLegacySource({ path: from, indexIsSound: !has(indexFaults), chunkTimes: false });
  const converted = new LibsqlBackend({
    location: { type: 'file', path: store },
    cacheMiB: 4,
    mmapMiB: 0,
    // A version that does not fit is searched by a streamed scan of its stored codes.
    vectorCacheMiB: 8,
    ftsCacheMiB: 0,
    mustExist: true,
  });
  let givenBack = 0;
  try {
    await legacy.open();
    await converted.open();
    return await verifyStores(legacy, converted, {
      signal,
      deadline,
      pagesPerBatch: 16,
      unchecked: true, // the legacy store was checked before, and the other is new
      countDisagreeing: false, // the conversion has reported each
      ...(has(wordFaults) ? { searches: 0 } : {}),
      onProgress: (progress) => {
        if (progress.chunks >= givenBack + CHUNKS_AT_ONCE) {
          givenBack = progress.chunks;
          collectYoungGarbage();
        }
        onProgress?.({ step: 'verify', ...progress });
      },
    });
  } finally {
    await legacy.close();
    await converted.close();
    await releaseClosedConnections();
  }
}

/** Error for a converted store that differs from the legacy store. It lists the first differences. */
export function differentError(source: string, { differences, differenceCount }: VerifyResult): StorageError {
  const first = differences.slice(0, 3).map(({ version, place, detail }) => `${version} ${place}: ${detail}`);
  return new StorageError(
    'STORAGE_CORRUPT',
    `The converted store differs from ${source} in ${differenceCount} places, and was discarded: ` +
      `${first.join('; ')}. The legacy store is unchanged. Please report this.`,
    { backend: BACKEND_NAME, outcome: 'not-applied', details: { differences: differenceCount } },
  );
}
