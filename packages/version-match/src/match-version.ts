import { compareVersionsNewestFirst, StorageError } from '@switchyard/storage-core';
import { compareBuild, eq, lt, prerelease, Range, satisfies, valid } from 'semver';

/**
 * Why a version was taken: `exact`, it has that name; `same`, it is the same version written otherwise; `latest`, the
 * highest stable one; `prerelease`, the highest prerelease where nothing is stable; `range`, the highest in the range;
 * `below`, the highest below the one asked for; `unversioned`, nothing else fits.
 */
export type VersionMatchReason =
  | 'exact'
  | 'same'
  | 'latest'
  | 'prerelease'
  | 'range'
  | 'below'
  | 'unversioned';

/** The version that is meant, and why. */
export interface VersionMatch {
  /** One of the given names; empty for the unversioned version. */
  readonly name: string;
  readonly reason: VersionMatchReason;
}

/**
 * Finds the name that a version specification means.
 *
 * - An exact name always wins, in any case.
 * - Otherwise only names that are semantic versions take part.
 * - No specification, or `latest`: the highest stable version; prereleases only when nothing is stable.
 * - A range (`1.x`, `^1.2`, `~1.2`, `>=1.2`): the highest stable version in it. A prerelease takes part only where the
 *   range names one of the same version. `1` and `1.2` are `~1` and `~1.2`.
 * - A full version that is not there: the highest stable version below it, else the highest prerelease below it.
 *   `v1.2.3` is `1.2.3`.
 * - Where nothing of this fits: the unversioned version.
 *
 * @param names The stored names. Leave out the empty one, of the unversioned version, if that has no documents.
 * @param spec What was asked for; undefined or null for nothing. The empty text is the unversioned version.
 * @returns One of the names.
 * @throws StorageError `STORAGE_NOT_FOUND`, listing the names, when nothing fits.
 * @example
 * ```ts
 * const names = (await documents.versions('pino')).map(({ name }) => name);
 * const hits = await documents.search('pino', matchVersion(names, '^10.1'), 'redact fields');
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

/** As {@link matchVersion}, but says why, and gives null when nothing fits. */
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

/** The name itself before one that differs in case. */
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
    // As in a range, prereleases of other versions count only when there is nothing else.
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

/** The highest stable one; without any, the highest. */
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

/** A partial version is a tilde range: `1.2` is `~1.2`. */
function toRange(asked: string): Range | null {
  const partial = /^[v=]?\s*(\d+(?:\.\d+)?)$/.exec(asked)?.[1];
  try {
    return new Range(partial === undefined ? asked : `~${partial}`);
  } catch {
    return null;
  }
}

/** Equal ones, which differ in build or spelling, in an order of their own: that of the names must not count. */
function highestFirst(a: string, b: string): number {
  const order = compareBuild(b, a);
  return order === 0 ? (a < b ? -1 : a > b ? 1 : 0) : order;
}
