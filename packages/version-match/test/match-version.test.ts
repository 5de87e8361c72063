import { isStorageError } from '@switchyard/storage-core';
import { findVersionMatch, matchVersion } from '@switchyard/version-match';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const stable = ['1.0.0', '1.1.0', '1.2.0', '1.2.7', '2.0.0', '10.0.0'];
const mixed = ['1.0.0', '1.1.0-beta.1', '2.0.0-rc.1'];

describe('the matching version', () => {
  test.each([
    // An exact name always wins, even if it is not a semantic version.
    [['1.0.0', '1.1.0-beta.1'], '1.1.0-beta.1', '1.1.0-beta.1', 'exact'],
    [['1.0.0-rc.1'], '1.0.0-RC.1', '1.0.0-rc.1', 'exact'],
    [['main', '1.0.0'], 'main', 'main', 'exact'],
    [['latest', '1.0.0'], 'latest', 'latest', 'exact'],
    [['1', '1.5.0'], '1', '1', 'exact'],
    [['1.x', '1.5.0'], '1.x', '1.x', 'exact'],
    [['', '1.0.0'], '', '', 'exact'],
    // No specification, or latest.
    [stable, undefined, '10.0.0', 'latest'],
    [stable, null, '10.0.0', 'latest'],
    [stable, 'latest', '10.0.0', 'latest'],
    [stable, 'LATEST', '10.0.0', 'latest'],
    [mixed, undefined, '1.0.0', 'latest'],
    [['2.0.0-rc.1', '2.0.0-rc.10', '2.0.0-rc.9'], undefined, '2.0.0-rc.10', 'prerelease'],
    [['', '1.0.0-rc.1'], undefined, '1.0.0-rc.1', 'prerelease'],
    [['', 'main', '1.0.0'], undefined, '1.0.0', 'latest'],
    // Ranges.
    [stable, '1.x', '1.2.7', 'range'],
    [stable, '1.2.x', '1.2.7', 'range'],
    [stable, '1.1.*', '1.1.0', 'range'],
    [stable, '^1.2', '1.2.7', 'range'],
    [stable, '~1.1', '1.1.0', 'range'],
    [stable, '>=1.2', '10.0.0', 'range'],
    [stable, '>=1.1 <2', '1.2.7', 'range'],
    [stable, '1.1 - 1.2', '1.2.7', 'range'],
    [stable, '<1', null, null],
    [mixed, '>=1', '1.0.0', 'range'],
    [mixed, '2.x', null, null],
    [mixed, '^2.0.0-rc.0', '2.0.0-rc.1', 'range'],
    [['2.0.0', '2.1.0-rc.1'], '^2.0.0-rc.0', '2.0.0', 'range'],
    // Partial versions are tilde ranges.
    [stable, '1', '1.2.7', 'range'],
    [stable, '1.2', '1.2.7', 'range'],
    [stable, 'v1', '1.2.7', 'range'],
    [mixed, '1', '1.0.0', 'range'],
    [stable, '3', null, null],
    // v1.2.3 and 1.2.3 are the same.
    [stable, 'v1.2.0', '1.2.0', 'same'],
    [stable, '=1.2.0', '1.2.0', 'same'],
    [['v1.2.0', '1.0.0'], '1.2.0', 'v1.2.0', 'same'],
    [['1.2.0+build.5'], '1.2.0', '1.2.0+build.5', 'same'],
    // A full version that is not stored: the highest one below.
    [stable, '1.1.5', '1.1.0', 'below'],
    [stable, 'v99.0.0', '10.0.0', 'below'],
    [mixed, '1.5.0', '1.0.0', 'below'],
    [['2.0.0-rc.1', '1.0.0'], '2.0.0-rc.2', '2.0.0-rc.1', 'below'],
    [['2.0.0-rc.1'], '3.0.0', '2.0.0-rc.1', 'below'],
    [stable, '0.9.0', null, null],
    // The unversioned version is the last resort.
    [['', '1.0.0'], '3.x', '', 'unversioned'],
    [['', '2.0.0'], '1.0.0', '', 'unversioned'],
    [['', 'main'], undefined, '', 'unversioned'],
    [['', '1.0.0'], 'next', '', 'unversioned'],
    [[''], 'latest', '', 'unversioned'],
    // Names that are not semantic versions are not considered.
    [['main', '2024-01', 'v5'], undefined, null, null],
    [['1.2', '1.0.0'], '^1.1', null, null],
    [['1.0.0'], '', null, null],
    [['1.0.0'], 'nonsense here', null, null],
    [[], undefined, null, null],
  ])('of %j for %j is %j (%s)', (names, spec, name, reason) => {
    expect(findVersionMatch(names, spec)).toEqual(name === null ? null : { name, reason });
    if (name !== null) expect(matchVersion(names, spec)).toBe(name);
  });

  test('is an error that lists the names if nothing fits', () => {
    const attempt = (names: readonly string[], spec?: string) => {
      try {
        return matchVersion(names, spec);
      } catch (error) {
        return isStorageError(error, 'STORAGE_NOT_FOUND') ? error.message : error;
      }
    };
    expect(attempt(['1.0.0', '2.0.0', 'main'], '3.x')).toBe(
      "No version fits '3.x'. There are: 2.0.0, 1.0.0, main.",
    );
    expect(attempt([], 'latest')).toBe("No version fits 'latest'. There are none.");
    expect(attempt(['1.0.0'], '')).toBe('No version fits the unversioned version. There are: 1.0.0.');
  });
});

describe('whatever the names', () => {
  const version = fc
    .tuple(
      fc.nat(3),
      fc.nat(3),
      fc.nat(3),
      fc.constantFrom('', '', '-rc.1', '-rc.10', '-alpha', '+b1', '+b2'),
    )
    .map(([a, b, c, rest]) => `${a}.${b}.${c}${rest}`);
  const name = fc.oneof(
    { weight: 6, arbitrary: version },
    fc.constantFrom('', 'main', 'latest', '1', '1.x', 'v1.0.0', '^1'),
    fc.string(),
  );
  const spec = fc.oneof(
    version,
    version.map((each) => `v${each}`),
    fc.constantFrom(
      undefined,
      null,
      '',
      'latest',
      '1',
      '1.2',
      '1.x',
      '^1.2',
      '~1.2',
      '>=1.2',
      '<2 || >2.1',
      '*',
      'main',
    ),
    fc.string(),
  );
  const unique = fc.uniqueArray(name, { maxLength: 12, selector: (each) => each.toLowerCase() });

  test('the result is one of them and does not depend on their order', () => {
    const shuffled = unique.chain((names) =>
      fc.tuple(fc.constant(names), fc.shuffledSubarray(names, { minLength: names.length })),
    );
    fc.assert(
      fc.property(shuffled, spec, ([names, other], asked) => {
        const match = findVersionMatch(names, asked);
        expect(findVersionMatch(other, asked)).toEqual(match);
        if (match !== null) expect(names).toContain(match.name);
      }),
      { numRuns: 1000 },
    );
  });

  test('an exact name wins', () => {
    fc.assert(
      fc.property(unique, fc.nat(), (names, at) => {
        const asked = names[at % Math.max(1, names.length)];
        if (asked === undefined || asked !== asked.trim()) return;
        expect(findVersionMatch(names, asked)).toEqual({ name: asked, reason: 'exact' });
      }),
      { numRuns: 500 },
    );
  });

  test('a prerelease is chosen only by name, or if nothing is stable', () => {
    fc.assert(
      fc.property(fc.uniqueArray(version, { minLength: 1, maxLength: 12 }), (names) => {
        const match = matchVersion(names);
        if (match.includes('-')) expect(names.every((each) => each.includes('-'))).toBe(true);
      }),
    );
  });
});
