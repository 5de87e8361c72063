import type { LibraryRef, VersionRef } from '@switchyard/storage-core';
import { normalizeLibraryRef, normalizeVersionRef } from '@switchyard/storage-core/backend';
import type { Query } from './database/connection.js';
import { keyOf } from './database/text.js';
import { VERSION_ID } from './sql/catalog.js';

/** Returns the first two parameters of statements about a library: its id, or the key of its name. @throws TypeError */
export function libraryParameters(ref: LibraryRef): readonly [number | null, string | null] {
  const normal = normalizeLibraryRef(ref);
  return 'libraryId' in normal ? [normal.libraryId, null] : [null, keyOf(normal.library)];
}

/** Returns the first three parameters of statements about a version: its id, or the keys of its names. @throws TypeError */
export function versionParameters(ref: VersionRef): readonly [number | null, string | null, string | null] {
  const normal = normalizeVersionRef(ref);
  if ('versionId' in normal) return [normal.versionId, null, null];
  return [null, keyOf(normal.library), keyOf(normal.version)];
}

/** Returns the id of a version; null if it does not exist. */
export async function findVersionId(query: Query, ref: VersionRef): Promise<number | null> {
  const [found] = await query<{ readonly id: number | null }>(
    `SELECT ${VERSION_ID} AS id`,
    versionParameters(ref),
  );
  return found?.id ?? null;
}
