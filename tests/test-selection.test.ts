import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import quick from '../vitest.quick.config.js';
import { LONGEST } from './support/longest-first.js';
import { startsProcesses } from './support/starts-processes.js';

const root = join(import.meta.dirname, '..');

describe('the tests of the inner loop', () => {
  const excluded: readonly string[] = quick.test.exclude;

  it('are those that start neither servers nor child processes', () => {
    expect(excluded).toContain('packages/backend-libsql/test/conformance-server.test.ts');
    expect(excluded).toContain('packages/storage-isolation/test/conformance.test.ts');
    expect(excluded).toContain('packages/cli/test/search.test.ts');
    // By its own import, and by that of a support file.
    expect(startsProcesses(join(root, 'packages/sqld/test/server.test.ts'))).toBe(true);
    expect(startsProcesses(join(root, 'packages/backend-libsql/test/processes.test.ts'))).toBe(true);
  });

  it('include the conformance of every backend on local stores, and of the reference backend', () => {
    const owners = [
      'backend-libsql',
      'backend-sqlite-vec', // @legacy
    ];
    for (const owner of owners) {
      expect(excluded).not.toContain(`packages/${owner}/test/conformance.test.ts`);
    }
    expect(excluded).not.toContain('packages/storage-conformance/test/memory.test.ts');
  });

  it('end with the closing line of the whole run, and fail if there are none', () => {
    expect(quick.test.reporters).toContain('./tests/support/closing-line.ts');
    expect(quick.test.passWithNoTests).toBe(false);
  });
});

describe('the files that a run starts first', () => {
  it('exist', () => {
    expect(LONGEST.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });
});

/** Sources of all tests, and of the programs they start, by path. */
function testSources(): readonly (readonly [path: string, source: string])[] {
  const folders = ['packages', 'examples'].flatMap((parent) =>
    readdirSync(join(root, parent)).map((name) => join(root, parent, name, 'test')),
  );
  return [join(root, 'tests'), ...folders.filter((folder) => existsSync(folder))].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(?:ts|mjs)$/.test(name))
      .map((name) => join(folder, name))
      .map((file) => [relative(root, file), readFileSync(file, 'utf8')] as const),
  );
}

describe('tests repeat themselves', () => {
  it('and take random numbers only from seeds: a failure must come back with its SWITCHYARD_SEED', () => {
    const unseeded = testSources()
      .filter(([, source]) => /\bMath\.random\b/.test(source))
      .map(([path]) => path);
    // The seed of a run with SWITCHYARD_SEED=random, which is printed.
    expect(unseeded).toEqual(['tests/support/property-seed.ts']);
  });
});
