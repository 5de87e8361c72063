import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { leftoversOf } from '../release/dist/rehearsal/leftovers.js';
import { LEGACY } from '../release/dist/rehearsal/legacy.js';
import { removeMarked } from '../release/dist/rehearsal/marked-lines.js';
import { remove } from '../release/dist/rehearsal/removal.js';
import { listFiles, readTree } from '../release/dist/rehearsal/tree.js';

const root = join(import.meta.dirname, '..');

/** Removes the legacy store from a tree of one file, and gives what is left of that file and the reasons against it. */
function removeFrom(
  path: string,
  text: string,
): { readonly left: string | undefined; readonly reasons: string[] } {
  const removed = remove(new Map([[path, text]]), LEGACY);
  return {
    left: removed.tree.get(path),
    reasons: leftoversOf(removed, LEGACY).map(({ reason }) => reason),
  };
}

describe('the legacy store', () => {
  const files = listFiles(root);
  const removed = remove(readTree(root, files), LEGACY);

  it('can be removed, and leaves no import, export or dependency', () => {
    expect(removed.tree.size).toBeGreaterThan(1_000);
    expect(leftoversOf(removed, LEGACY)).toEqual([]);
  });

  it('is in the files that match each pattern, and in marked lines', () => {
    for (const pattern of LEGACY.paths) expect(files.some((path) => pattern.test(path))).toBe(true);
    expect(removed.deleted.length).toBeGreaterThan(100);
    expect(removed.edited.size).toBeGreaterThan(50);
  });

  it('is removed by a command that explains itself and refuses wrong options', () => {
    const run = (option: string) =>
      execFileSync(process.execPath, [join(root, 'release/dist/rehearsal/main.js'), option], {
        encoding: 'utf8',
        stdio: 'pipe',
      });
    expect(run('--help')).toContain('Exit codes');
    expect(() => run('--all')).toThrow(expect.objectContaining({ status: 2 }));
  });
});

describe('a leftover is found', () => {
  it.each([
    ['an import', 'a/src/a.ts', "import Database from 'better-sqlite3';", 'imports better-sqlite3'],
    [
      'an entry',
      'a/a.mjs',
      "import '@switchyard/legacy-conversion/x';",
      'imports @switchyard/legacy-conversion/x',
    ],
    ['a dynamic import', 'a/a.ts', "await import('sqlite-vec');", 'imports sqlite-vec'],
    ['a require', 'a/a.js', 'require("better-sqlite3")', 'imports better-sqlite3'],
    ['an export', 'a/src/a.ts', 'export class LegacyStore {}', 'exports LegacyStore'],
    [
      'a list of exports',
      'a/src/a.ts',
      "export { a, type SqliteVecOptions } from './b.js';",
      'exports SqliteVecOptions',
    ],
    [
      'a name',
      'a/a.ts',
      'const name = `@switchyard/backend-sqlite-vec`;',
      'names the package @switchyard/backend-sqlite-vec',
    ],
    ['a path', '.ci/run', 'ls packages/legacy-conversion', 'names the package @switchyard/legacy-conversion'],
    [
      'a dependency',
      'a/package.json',
      '{ "pnpm": { "x": { "better-sqlite3": "1" } } }',
      'depends on better-sqlite3',
    ],
    ['a typo in a marker', 'a/a.ts', 'const a = 1; // @legacy please', 'a marker that was not understood'],
  ])('%s', (_, path, text, reason) => {
    expect(removeFrom(path, text).reasons).toEqual([reason]);
  });

  it('in an import of a module that is deleted', () => {
    const tree = new Map([
      ['a/src/legacy/b.ts', 'export const b = 1;'],
      ['a/src/a.ts', "import { b } from './legacy/b.js';"],
      ['tests/a.test.ts', "import { b } from '../a/dist/legacy/b.js';"],
    ]);
    expect(leftoversOf(remove(tree, LEGACY), LEGACY)).toMatchObject([
      { path: 'a/src/a.ts' },
      { path: 'tests/a.test.ts' },
    ]);
  });

  it('but not in the changelog, the decisions and the migration guide', () => {
    const text = "import '@switchyard/legacy-conversion';";
    expect(removeFrom('CHANGELOG.md', text)).toEqual({ left: text, reasons: [] });
    expect(removeFrom('docs/guides/migrating-from-sqlite-vec.md', text)).toEqual({ left: text, reasons: [] });
  });
});

describe('a removal', () => {
  it('takes marked lines out', () => {
    const text = [
      'a',
      'b; // @legacy',
      '  // @legacy-begin',
      'c',
      '  // @legacy-end',
      '  // @after-legacy: d;',
      '<!-- @legacy-begin -->',
      'e',
      '<!-- @legacy-end -->',
      'f: 1 # @legacy',
      'g',
    ].join('\n');
    expect(removeMarked('a.ts', text)).toBe('a\n  d;\ng');
  });

  it.each(['// @legacy-begin\na', 'a\n// @legacy-end', '// @legacy-begin\n// @legacy-begin\n// @legacy-end'])(
    'refuses blocks that do not match: %j',
    (text) => {
      expect(() => removeMarked('a.ts', text)).toThrow(/^a\.ts:\d: The block of marked lines /);
    },
  );

  it('takes packages out of manifests, and references to them out of tsconfig files', () => {
    const manifest = {
      name: 'a',
      keywords: ['sqlite-vec', 'search'],
      dependencies: { '@switchyard/legacy-conversion': '1', commander: '1' },
      peerDependencies: { '@switchyard/backend-sqlite-vec': '1' },
    };
    const { left = '' } = removeFrom('packages/a/package.json', JSON.stringify(manifest));
    expect(JSON.parse(left)).toEqual({ name: 'a', keywords: ['search'], dependencies: { commander: '1' } });
    const references = [{ path: '../backend-sqlite-vec' }, { path: '../storage-core' }];
    const config = removeFrom('packages/a/tsconfig.json', JSON.stringify({ references })).left ?? '';
    expect(JSON.parse(config)).toEqual({ references: [{ path: '../storage-core' }] });
  });

  it('takes rows out of tables, and changes nothing else', () => {
    const rows = '| a | b |\n|---|---|\n| `sqlite-vec:a.db` | c |\n| a legacy store | d |\n';
    expect(removeFrom('a.md', rows).left).toBe('| a | b |\n|---|---|\n| a legacy store | d |\n');
    expect(removeFrom('a.ts', rows).left).toBe(rows);
  });
});
