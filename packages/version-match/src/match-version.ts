import { compareVersionsNewestFirst, StorageError } from '@switchyard/storage-core';
import { compareBuild, eq, lt, prerelease, Range, satisfies, valid } from 'semver';

/**
 * Reason a version was chosen. `exact`: the name matches; `same`: the same version in another notation; `latest`: the
 * highest stable version; `prerelease`: the highest prerelease, when nothing is stable; `range`: the highest version in
 * the range; `below`: the highest version below the requested one; `unversioned`: nothing else fits.
 */
export type VersionMatchReason =
  | 'exact'
  | 'same'
  | 'latest'
  | 'prerelease'
  | 'range'
  | 'below'
  | 'unversioned';

/** A matching version and the reason it was chosen. */
export interface VersionMatch {
  /** One of the given names; the empty string is the unversioned version. */
  readonly name: string;
  readonly reason: VersionMatchReason;
}

/**
 * Resolves a version specification to one of the given names.
 *
 * - An exact name always wins, ignoring case.
 * - Otherwise only names that are semantic versions are considered.
 * - No specification, or `latest`: the highest stable version, or the highest prerelease if nothing is stable.
 * - A range (`1.x`, `^1.2`, `~1.2`, `>=1.2`): the highest stable version in it. A prerelease is considered only if the
 *   range names a prerelease of the same version. `1` and `1.2` mean `~1` and `~1.2`.
 * - A full version that is not stored: the highest stable version below it, else the highest prerelease below it.
 *   `v1.2.3` means `1.2.3`.
 * - If none of this matches: the unversioned version.
 *
 * @param names The stored names. Omit the empty name (the unversioned version) if it has no documents.
 * @param spec The specification; undefined or null for none. The empty string means the unversioned version.
 * @returns One of the names.
 * @throws StorageError `STORAGE_NOT_FOUND`, listing the names, if nothing fits.
 * @example
 * ```ts
 * const names = ['1.9.0', '2.0.0', '2.1.0-beta'];
 * matchVersion(names, '^1.2'); // '1.9.0'
 * matchVersion(names); // '2.0.0'
 * ```
 */
export function matchVersion(names: readonly string[], spec?: string | null): string {
  const match = findVersionMatch(names, spec);
  if (match !== null) return match.name;
  const known = [...names].sort(compareVersionsNewestFirst).map((name) => name || '(unversioned)');
  const asked = spec === '' ? 'the unversioned version' : `'${spec ?? 'latest'}'`;
  throw new StorageError(
    'STORAGE_NOT_FOUND',
    `No version fits ${asked}. ${known.length === 0 ? 'There are none.' : `There are: ${known.join(', ')}.`}`,
  );
}

/**
 * Finds a version as {@link matchVersion} does, and returns the reason too; null when nothing fits.
 *
 * @example
 * ```ts
 * findVersionMatch(['1.0.0', '1.2.0'], '^1.0'); // { name: '1.2.0', reason: 'range' }
 * ```
 */
export function findVersionMatch(names: readonly string[], spec?: string | null): VersionMatch | null {
  const asked = spec?.trim().toLowerCase();
  const exact = asked === undefined ? undefined : findExact(names, asked);
  if (exact !== undefined) return { name: exact, reason: 'exact' };
  if (asked === '') return null;
  const candidates = names.filter((name) => valid(name) !== null).sort(highestFirst);
  const match = matchSemantic(candidates, asked ?? 'latest');
  if (match !== null) return match;
  return names.includes('') ? { name: '', reason: 'unversioned' } : null;
}

/** Prefers an identical name over one that differs in case. */
function findExact(names: readonly string[], asked: string): string | undefined {
  if (names.includes(asked)) return asked;
  return names.filter((name) => name.toLowerCase() === asked).sort()[0];
}

function matchSemantic(candidates: readonly string[], asked: string): VersionMatch | null {
  if (asked === 'latest') return highest(candidates, 'latest', 'prerelease');
  const version = valid(asked.replace(/^=\s*/, ''));
  if (version !== null) {
    const same = candidates.find((name) => eq(name, version));
    if (same !== undefined) return { name: same, reason: 'same' };
    const below = candidates.filter((name) => lt(name, version));
    // As in a range, prereleases of other versions are considered only if there is nothing else.
    const name = below.find((each) => satisfies(each, `<=${version}`)) ?? below[0];
    return name === undefined ? null : { name, reason: 'below' };
  }
  const range = toRange(asked);
  if (range === null) return null;
  return highest(
    candidates.filter((name) => range.test(name)),
    'range',
    'range',
  );
}

/** Returns the highest stable version, or the highest one if none is stable. */
function highest(
  candidates: readonly string[],
  reason: VersionMatchReason,
  prereleaseReason: VersionMatchReason,
): VersionMatch | null {
  const stable = candidates.find(isStable);
  if (stable !== undefined) return { name: stable, reason };
  const [first] = candidates;
  return first === undefined ? null : { name: first, reason: prereleaseReason };
}

function isStable(name: string): boolean {
  return prerelease(name) === null;
}

/** Parses a range; a partial version is a tilde range, so `1.2` is `~1.2`. */
function toRange(asked: string): Range | null {
  const partial = /^[v=]?\s*(\d+(?:\.\d+)?)$/.exec(asked)?.[1];
  try {
    return new Range(partial === undefined ? asked : `~${partial}`);
  } catch {
    return null;
  }
}

/** Breaks ties between equal versions by name, so that the result does not depend on the order of the input. */
function highestFirst(a: string, b: string): number {
  const order = compareBuild(b, a);
  return order === 0 ? (a < b ? -1 : a > b ? 1 : 0) : order;
}
