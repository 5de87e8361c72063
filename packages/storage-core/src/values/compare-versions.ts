/** A version name, parsed as by Semantic Versioning 2.0.0, with missing parts read as 0. */
interface ParsedVersion {
  readonly numbers: readonly [number, number, number];
  readonly prerelease: readonly string[];
}

function parse(name: string): ParsedVersion | null {
  const match = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([^+]+))?(?:\+.*)?$/u.exec(name);
  if (match === null) return null;
  const [, major, minor, patch, prerelease] = match;
  return {
    numbers: [Number(major), Number(minor ?? 0), Number(patch ?? 0)],
    prerelease: prerelease === undefined ? [] : prerelease.split('.'),
  };
}

/**
 * Compares version names for sorting newest first: the unversioned one (the empty name), then semantic versions in
 * descending order (precedence of semver.org, section 11), then other names alphabetically.
 *
 * @example
 * ```ts
 * ['1.2.0', '', '1.10.0', '2.0.0-beta'].sort(compareVersionsNewestFirst);
 * // ['', '2.0.0-beta', '1.10.0', '1.2.0']
 * ```
 */
export function compareVersionsNewestFirst(a: string, b: string): number {
  if (a === b) return 0;
  if (a === '') return -1;
  if (b === '') return 1;
  const left = parse(a);
  const right = parse(b);
  if (left !== null && right !== null) return comparePrecedence(right, left) || compareText(a, b);
  if (left !== null) return -1;
  if (right !== null) return 1;
  return compareText(a, b);
}

function comparePrecedence(a: ParsedVersion, b: ParsedVersion): number {
  for (let i = 0; i < 3; i++) {
    const difference = (a.numbers[i] as number) - (b.numbers[i] as number);
    if (difference !== 0) return difference;
  }
  // A version without a prerelease comes after its prereleases.
  if (a.prerelease.length === 0 || b.prerelease.length === 0)
    return b.prerelease.length - a.prerelease.length;
  const length = Math.min(a.prerelease.length, b.prerelease.length);
  for (let i = 0; i < length; i++) {
    const order = compareIdentifiers(a.prerelease[i] as string, b.prerelease[i] as string);
    if (order !== 0) return order;
  }
  return a.prerelease.length - b.prerelease.length;
}

/** Compares identifiers: numbers numerically and before texts. */
function compareIdentifiers(a: string, b: string): number {
  const aIsNumber = /^\d+$/.test(a);
  const bIsNumber = /^\d+$/.test(b);
  if (aIsNumber && bIsNumber) return Number(a) - Number(b);
  if (aIsNumber !== bIsNumber) return aIsNumber ? -1 : 1;
  return compareText(a, b);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
