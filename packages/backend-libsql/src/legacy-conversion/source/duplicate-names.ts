import type { VersionRecord } from '@switchyard/storage-core';
import {
  describeDuplicateName,
  findDuplicateNames,
  requireDistinctNames,
} from '@switchyard/storage-core/backend';
import type { ProblemSink } from '../problems.js';
import { InlineLegacySource } from './legacy-source.js';

/**
 * Refuses a store that cannot be converted, and one in which two rows have one name: a libSQL store holds each name once.
 *
 * @throws StorageError what opening throws; `STORAGE_CONSTRAINT`.
 */
export async function requireNamesOf(path: string): Promise<void> {
  await withSource(path, (source) => requireDistinctNames(source));
}

/** Names every row whose name another row has, too. */
export async function findNameFaults(path: string, problem: ProblemSink): Promise<void> {
  await withSource(path, async ({ catalog }) => {
    const libraries = await catalog.libraries();
    const versions: VersionRecord[] = [];
    for (const { id } of libraries) versions.push(...(await catalog.versions({ libraryId: id })));
    for (const duplicate of findDuplicateNames(libraries, versions)) {
      const detail = `${describeDuplicateName(duplicate)} The conversion is refused until each has a name of its own.`;
      for (const id of duplicate.ids) problem({ kind: 'name-duplicate', table: duplicate.table, id, detail });
    }
  });
}

async function withSource(path: string, work: (source: InlineLegacySource) => Promise<void>): Promise<void> {
  const source = new InlineLegacySource({ path });
  await source.open();
  try {
    await work(source);
  } finally {
    await source.close();
  }
}
