import type { CallOptions, VersionRecord } from '@switchyard/storage-core';
import {
  describeDuplicateName,
  findDuplicateNames,
  requireDistinctNames,
  requireSoundRows,
} from '@switchyard/storage-core/backend';
import type { ProblemSink } from '../problems.js';
import { InlineLegacySource } from './legacy-source.js';

/**
 * Refuses a store that cannot be converted, one with damage that may hide rows, and one in which two rows have the same
 * name, because a libSQL store contains each name once.
 *
 * @throws StorageError of opening; `STORAGE_CORRUPT`; `STORAGE_CONSTRAINT`.
 */
export async function requireSoundSource(path: string, options: CallOptions): Promise<void> {
  const call = { signal: options.signal, deadline: options.deadline };
  await withSource(path, async (source) => {
    await requireSoundRows(source, call);
    await requireDistinctNames(source, call);
  });
}

/**
 * Reports every row that shares its name with another one.
 *
 * @throws StorageError `STORAGE_CORRUPT` if damage may hide rows.
 */
export async function findNameFaults(
  path: string,
  problem: ProblemSink,
  options: CallOptions,
): Promise<void> {
  const call = { signal: options.signal, deadline: options.deadline };
  await withSource(path, async (source) => {
    await requireSoundRows(source, call);
    const { catalog } = source;
    const libraries = await catalog.libraries();
    const versions: VersionRecord[] = [];
    for (const { id } of libraries) versions.push(...(await catalog.versions({ libraryId: id })));
    for (const duplicate of findDuplicateNames(libraries, versions)) {
      const detail = `${describeDuplicateName(duplicate)} The conversion is refused until each has a unique name.`;
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
