import type { LibraryRecord, VersionOverview, VersionRecord } from '../values/records.js';

/** Pairs the versions of both stores by name, in the order of the first. */
export function paired(
  a: readonly VersionOverview[],
  b: readonly VersionOverview[],
): (readonly [VersionOverview | null, VersionOverview | null])[] {
  const name = ({ version }: VersionOverview) => JSON.stringify([version.library, version.name]);
  const others = new Map(b.map((entry) => [name(entry), entry]));
  const pairs = a.map((entry) => {
    const other = others.get(name(entry)) ?? null;
    others.delete(name(entry));
    return [entry, other] as const;
  });
  return [...pairs, ...[...others.values()].map((entry) => [null, entry] as const)];
}

/** Library columns that are compared. */
export function libraryColumns(deep: boolean): readonly (keyof LibraryRecord)[] {
  return deep ? ['name', 'createdAt'] : ['name'];
}

/** Version columns that are compared. */
export function versionColumns(deep: boolean): readonly (keyof VersionRecord)[] {
  if (!deep) return ['id', 'libraryId'];
  return [
    'id',
    'libraryId',
    'status',
    'progressPages',
    'progressMaxPages',
    'errorMessage',
    'sourceUrl',
    'scraperOptions',
    'createdAt',
    'startedAt',
    'updatedAt',
  ];
}
