import type { SearchMode } from '@switchyard/storage-core';
import type { VectorSet } from '../harness/ground-truth.js';
import { fillSqliteVec, openSqliteVec } from './legacy/sqlite-vec-table.js'; // @legacy
import { fillVectorStore, openVectorStore } from './our-vectors.js';
import { fillLibsqlScan, openLibsqlScan } from './plain-vectors.js';
import type { BuildTools, VectorIndexUnderTest } from './vector-contender.js';

/** Contenders that store vectors in a file, which can be closed and reopened. */
export const vectorFileNames = [
  'sqlite-vec', // @legacy
  'libsql',
  'legacy', // @legacy
  'libsql-scan',
] as const;

/** See {@link vectorFileNames}. */
export type VectorFileName = (typeof vectorFileNames)[number];

/** Writes the vectors. @returns The place to pass to {@link openVectorFile}. */
export async function fillVectorFile(
  name: VectorFileName,
  set: VectorSet,
  tools: BuildTools,
): Promise<string> {
  switch (name) {
    // @legacy-begin
    case 'sqlite-vec':
      return fillSqliteVec(set, tools);
    // @legacy-end
    case 'libsql-scan':
      return fillLibsqlScan(set, tools);
    default:
      return fillVectorStore(name, set, tools);
  }
}

/** @param mode Search mode of our backends; ignored by the others. */
export async function openVectorFile(
  name: VectorFileName,
  place: string,
  mode?: SearchMode | undefined,
): Promise<VectorIndexUnderTest> {
  switch (name) {
    // @legacy-begin
    case 'sqlite-vec':
      return openSqliteVec(place);
    // @legacy-end
    case 'libsql-scan':
      return openLibsqlScan(place);
    default:
      return openVectorStore(place, mode);
  }
}
