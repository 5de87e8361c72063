import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

/**
 * Packages of the repository that a package may import. Imports point one way: everything may import storage-core,
 * adapters never import each other, nothing imports cli. A package that is not listed here fails.
 */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  'storage-core': [],
  'vector-kernel': [],
  sqld: [],
  'fts-text': ['storage-core'],
  'sqlite-common': ['storage-core', 'fts-text'],
  'storage-compare': ['storage-core'],
  'storage-container': ['storage-core'],
  'storage-conformance': ['storage-core', 'fts-text'],
  'storage-isolation': ['storage-core'],
  'backend-libsql': [
    'storage-core',
    'fts-text',
    'sqlite-common',
    'storage-container',
    'storage-isolation',
    'vector-kernel',
  ],
  'backend-sqlite-vec': ['storage-core', 'sqlite-common', 'storage-container', 'storage-isolation'], // @legacy
  'legacy-conversion': ['storage-core', 'sqlite-common', 'storage-isolation', 'backend-libsql'], // @legacy
  embedders: ['storage-core'],
  langchain: ['storage-core'],
  'docs-loader': ['storage-core'],
  'version-match': ['storage-core'],
  'search-evaluation': ['storage-core'],
  'storage-rollout': ['storage-core'],
  switchyard: [
    'storage-core',
    'storage-container',
    'backend-libsql',
    'backend-sqlite-vec', // @legacy
    'embedders',
    'version-match',
  ],
  'create-backend': [],
  cli: [
    'storage-core',
    'sqlite-common',
    'storage-compare',
    'storage-container',
    'storage-isolation',
    'backend-libsql',
    'backend-sqlite-vec', // @legacy
    'legacy-conversion', // @legacy
    'embedders',
    'docs-loader',
    'version-match',
    'search-evaluation',
  ],
};

const root = join(import.meta.dirname, '..');
const importPattern = /(?:\bfrom\s+|\bimport\s*\(?\s*)['"]([^'"]+)['"]/g;

interface Import {
  readonly file: string;
  readonly specifier: string;
}

function importsBelow(folder: string): Import[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => {
      const file = join(folder, name);
      const code = readFileSync(file, 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
      return [...code.matchAll(importPattern)].map(([, specifier = '']) => ({
        file: relative(root, file),
        specifier,
      }));
    });
}

function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

const packages = readdirSync(join(root, 'packages'));

describe.each(packages)('%s', (name) => {
  const imports = importsBelow(join(root, 'packages', name, 'src')).filter(
    ({ specifier }) =>
      !specifier.startsWith('.') &&
      !specifier.startsWith('node:') &&
      !builtinModules.includes(packageOf(specifier)),
  );
  const manifest = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8')) as {
    name: string;
    dependencies?: Record<string, string>;
    peerDependencies?: Record<string, string>;
  };
  const declared = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });

  it('has rules', () => {
    expect(Object.keys(mayImport)).toContain(name);
    expect(manifest.name).toBe(`@switchyard/${name}`);
  });

  it('imports only allowed packages', () => {
    const allowed = [name, ...(mayImport[name] ?? [])].map((other) => `@switchyard/${other}`);
    const wrong = imports.filter(
      ({ specifier }) => specifier.startsWith('@switchyard/') && !allowed.includes(packageOf(specifier)),
    );
    expect(wrong).toEqual([]);
  });

  it('declares what it imports', () => {
    const undeclared = imports.filter(
      ({ specifier }) =>
        ![manifest.name, ...declared].includes(packageOf(specifier)) &&
        !declared.includes(`@types/${packageOf(specifier)}`),
    );
    expect(undeclared).toEqual([]);
  });
});

it('finds imports, so that the rules above can fail', () => {
  const found = importsBelow(join(root, 'packages', 'sqlite-common', 'src')).map(({ specifier }) =>
    packageOf(specifier),
  );
  expect(found).toContain('@switchyard/storage-core');
});

it('takes LangChain from the application, where it is needed, and nowhere else', () => {
  const users = packages.filter((name) => {
    const manifest = readFileSync(join(root, 'packages', name, 'package.json'), 'utf8');
    const { dependencies = {}, peerDependencies = {} } = JSON.parse(manifest) as Record<string, object>;
    expect(Object.keys(dependencies)).not.toContain('@langchain/core');
    return '@langchain/core' in peerDependencies;
  });
  expect(users).toEqual(['embedders', 'langchain']);
  const imports = importsBelow(join(root, 'packages', 'embedders', 'src'));
  expect(imports.filter(({ specifier }) => specifier.startsWith('@langchain/'))).toEqual([]);
});

it('keeps storage-core free of dependencies', () => {
  const manifest = readFileSync(join(root, 'packages/storage-core/package.json'), 'utf8');
  expect(JSON.parse(manifest)).not.toHaveProperty('dependencies');
});

describe('the legacy store', () => {
  it('is not mentioned in the libSQL backend', () => {
    const folder = join(root, 'packages/backend-libsql/src');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.ts'),
    );
    expect(files.length).toBeGreaterThan(50);
    const mentions = /legacy|sqlite-vec|sqliteVec|better-sqlite3|vec0/i;
    expect(files.filter((name) => mentions.test(readFileSync(join(folder, name), 'utf8')))).toEqual([]);
  });
});

/** Rows of the table "Where to look" in docs/ARCHITECTURE.md. */
describe('the table of places', () => {
  const page = readFileSync(join(root, 'docs/ARCHITECTURE.md'), 'utf8');
  const [, table = ''] = page.split('## Where to look');
  const rows = table
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => {
      const [, , places = ''] = line.split('|');
      const names = [...places.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
      return {
        paths: names.filter((name) => name.includes('/')),
        symbols: names.filter((name) => /^[A-Za-z]+$/.test(name)),
      };
    });

  it('names files and folders that exist', () => {
    const paths = rows.flatMap((row) => row.paths);
    expect(paths.length).toBeGreaterThan(30);
    expect(paths.filter((path) => !existsSync(join(root, 'packages', path)))).toEqual([]);
  });

  it('names what these files export', () => {
    const wrong = rows.flatMap(({ paths, symbols }) => {
      const code = paths
        .filter((path) => path.endsWith('.ts'))
        .map((path) => readFileSync(join(root, 'packages', path), 'utf8'))
        .join('\n');
      return symbols.filter(
        (name) => !new RegExp(`^export (?:async )?(?:function\\*?|class) ${name}\\b`, 'm').test(code),
      );
    });
    expect(rows.flatMap(({ symbols }) => symbols).length).toBeGreaterThan(15);
    expect(wrong).toEqual([]);
  });
});
