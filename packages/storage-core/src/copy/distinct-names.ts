import { StorageError } from '../errors/storage-error.js';
import type { StorageBackend } from '../ports/backend.js';
import type { CallOptions } from '../ports/call-options.js';
import type { LibraryRecord, VersionRecord } from '../values/records.js';

/** Rows of a store with the same name, only one of which can be found by it. */
export interface DuplicateName {
  /** Kind of the rows that share a name. */
  readonly table: 'libraries' | 'versions';
  /** The name in its stored form: lower case, empty for the unversioned version. */
  readonly name: string;
  /** Library of the versions; null for libraries. */
  readonly library: { readonly id: number; readonly name: string } | null;
  /** Ids of the rows, ascending; at least two. */
  readonly ids: readonly number[];
}

/**
 * Finds libraries with the same name, and versions with the same name in one library. Old stores may contain them:
 * SQLite distinguishes capitals beyond ASCII, and a unique index distinguishes NULL from the empty name and from
 * another NULL.
 */
export function findDuplicateNames(
  libraries: readonly LibraryRecord[],
  versions: readonly VersionRecord[],
): readonly DuplicateName[] {
  const found = new Map<string, Omit<DuplicateName, 'ids'> & { readonly ids: number[] }>();
  for (const { id, name } of libraries) {
    const known = found.get(JSON.stringify([name]));
    if (known === undefined)
      found.set(JSON.stringify([name]), { table: 'libraries', name, library: null, ids: [id] });
    else known.ids.push(id);
  }
  for (const { id, name, libraryId, library } of versions) {
    const key = JSON.stringify([libraryId, name]);
    const known = found.get(key);
    if (known !== undefined) known.ids.push(id);
    else found.set(key, { table: 'versions', name, library: { id: libraryId, name: library }, ids: [id] });
  }
  return [...found.values()]
    .filter(({ ids }) => ids.length > 1)
    .map((duplicate) => ({ ...duplicate, ids: duplicate.ids.toSorted((a, b) => a - b) }));
}

/** Describes the rows that share a name, for people. */
export function describeDuplicateName({ table, name, library, ids }: DuplicateName): string {
  const rows = `${ids.slice(0, -1).join(', ')} and ${ids.at(-1)}`;
  if (table === 'libraries' || library === null) return `The libraries ${rows} have the same name '${name}'.`;
  const called = name === '' ? `are unversioned, as NULL or as ''` : `have the same name '${name}'`;
  return `The versions ${rows} of the library '${library.name}' (${library.id}) ${called}.`;
}

/**
 * Refuses a store in which two rows have the same name. A lookup by name finds one of them; a copy cannot decide which
 * one should keep the name in the target, and must not lose any row.
 *
 * @throws StorageError `STORAGE_CONSTRAINT` that names the rows and says what to do.
 */
export async function requireDistinctNames(store: StorageBackend, options: CallOptions = {}): Promise<void> {
  const call = { signal: options.signal, deadline: options.deadline };
  const libraries = await store.catalog.libraries(call);
  const versions: VersionRecord[] = [];
  for (const { id } of libraries) versions.push(...(await store.catalog.versions({ libraryId: id }, call)));
  const duplicates = findDuplicateNames(libraries, versions);
  const [first] = duplicates;
  if (first === undefined) return;
  const reached = await reachedByName(store, first, call);
  const others = first.ids.filter((id) => id !== reached);
  const more = duplicates.length === 1 ? '' : ` In total, ${duplicates.length} names occur more than once.`;
  throw new StorageError(
    'STORAGE_CONSTRAINT',
    `${describeDuplicateName(first)} By this name ${reached === null ? 'none of them' : `only ${reached}`} is found.${more} Nothing was written. Give each of ` +
      `the others a name of its own in the store it comes from, after a backup, such as UPDATE ${first.table} SET ` +
      `name = '${first.name === '' ? 'unversioned' : 'other'}-${others[0]}' WHERE id = ${others[0]}; or remove it there, ` +
      'and try again.',
    {
      backend: store.name,
      outcome: 'not-applied',
      details: {
        reason: 'duplicate-names',
        table: first.table,
        name: first.name,
        ids: first.ids.join(','),
        reached,
        duplicates: duplicates.length,
      },
    },
  );
}

/** Returns the id of the row that a lookup by name finds. */
async function reachedByName(
  { catalog }: StorageBackend,
  { table, name, library, ids }: DuplicateName,
  options: CallOptions,
): Promise<number | null> {
  if (table === 'libraries' || library === null)
    return (await catalog.library({ library: name }, options))?.id ?? null;
  const found = await catalog.version({ library: library.name, version: name }, options);
  // If the library itself has a duplicate, the version found may belong to the other library.
  return found !== null && ids.includes(found.id) ? found.id : null;
}
