import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packAll, type Tarball } from '../release/dist/pack.js';
import { publicPackages, requiredBy } from '../release/dist/packages.js';
import { staleOutputs } from '../release/dist/stale-outputs.js';

/** Examines the tarballs of all public packages as they would be published. */
const root = join(import.meta.dirname, '..');
const names = publicPackages(root).map(({ manifest }) => manifest.name);
let folder: string;
let tarballs: readonly Tarball[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'switchyard-tarballs-'));
  tarballs = await packAll(root, folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function tarballOf(name: string): Tarball {
  const found = tarballs.find(({ manifest }) => manifest.name === name);
  if (found === undefined) throw new Error(`${name} was not packed.`);
  return found;
}

/** Resolutions that the packages do not support: they have no CommonJS, and no entries beside `exports`. */
const ESM_ONLY_IGNORES = ['node10', 'node16-cjs'];

async function wrongTypes(data: Uint8Array): Promise<string[]> {
  const result = await checkPackage(createPackageFromTarballData(data));
  if (!result.types) return ['It has no types.'];
  return result.problems
    .filter((problem) => !('resolutionKind' in problem && ESM_ONLY_IGNORES.includes(problem.resolutionKind)))
    .map((problem) => JSON.stringify(problem));
}

describe.each(names)('%s', (name) => {
  it('contains its README, its license and everything that its manifest names', () => {
    const { files, manifest } = tarballOf(name);
    expect(files).toEqual(expect.arrayContaining(['README.md', 'LICENSE', 'package.json']));
    // A template has tests, which are those of the package that it becomes.
    const own = files.filter((path) => !path.startsWith('template/'));
    expect(own.filter((path) => /\.tsbuildinfo$|^test\/|\.test\.|\.db$/.test(path))).toEqual([]);
    const named = Object.values(manifest.bin ?? {});
    expect(files).toEqual(expect.arrayContaining(named));
  });

  it('contains each source once, beside the maps that point to it', () => {
    const { files, folder: home } = tarballOf(name);
    const maps = files.filter((path) => path.endsWith('.map'));
    expect(maps.length).toBeGreaterThan(0);
    for (const path of maps) {
      const map = JSON.parse(readFileSync(join(home, path), 'utf8')) as {
        sources: string[];
        sourcesContent?: unknown;
      };
      expect(map, path).not.toHaveProperty('sourcesContent');
      const sources = map.sources.map((source) => join(path, '..', source).replaceAll('\\', '/'));
      expect(files, path).toEqual(expect.arrayContaining(sources));
    }
  });

  it('is without findings of publint', async () => {
    const bytes = readFileSync(tarballOf(name).file);
    const tarball = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    const { messages, pkg } = await publint({ pack: { tarball }, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  it('has types that resolve as its code does (Are the types wrong, profile esm-only)', async () => {
    expect(await wrongTypes(readFileSync(tarballOf(name).file))).toEqual([]);
  });
});

describe('the checks can fail', () => {
  it('on compiled files whose source is gone', () => {
    const home = join(folder, 'stale');
    mkdirSync(join(home, 'src', 'a'), { recursive: true });
    mkdirSync(join(home, 'dist', 'a'), { recursive: true });
    writeFileSync(join(home, 'src', 'a', 'kept.ts'), '');
    for (const path of ['a/kept.js', 'a/kept.d.ts', 'a/gone.js', 'a/gone.js.map', 'a/gone.d.ts.map']) {
      writeFileSync(join(home, 'dist', path), '');
    }
    expect(
      staleOutputs(home)
        .map((path) => path.replaceAll('\\', '/'))
        .sort(),
    ).toEqual(['dist/a/gone.d.ts.map', 'dist/a/gone.js', 'dist/a/gone.js.map']);
  });

  it('on a package whose types are missing', async () => {
    const home = join(folder, 'broken');
    const parts = join(home, 'packages', 'broken');
    mkdirSync(parts, { recursive: true });
    writeFileSync(join(home, 'package.json'), '{ "private": true, "workspaces": ["packages/*"] }');
    const exports = { '.': { types: './index.d.cts', default: './index.js' } };
    const manifest = { name: 'broken', version: '1.0.0', type: 'module', exports };
    writeFileSync(join(parts, 'package.json'), JSON.stringify(manifest));
    writeFileSync(join(parts, 'index.js'), 'export const a = 1;\n');
    writeFileSync(join(parts, 'index.d.cts'), 'export declare const a: number;\n');
    const [packed] = await packAll(home, home);
    expect(await wrongTypes(readFileSync(packed?.file ?? ''))).not.toEqual([]);
  });
});

describe('packages to install together', () => {
  const namesOf = (...wanted: string[]) =>
    requiredBy(wanted, publicPackages(root)).map(({ manifest }) => manifest.name);

  it('are a package and all that it requires, without optional peers', () => {
    const required = namesOf('@switchyard/switchyard');
    expect(required).toContain('@switchyard/storage-core');
    expect(required).toContain('@switchyard/vector-kernel'); // of its dependency backend-libsql
    expect(required).not.toContain('@switchyard/backend-sqlite-vec'); // @legacy
    expect(new Set(required).size).toBe(required.length);
  });

  it('are listed once for several packages', () => {
    const required = namesOf('@switchyard/langchain', '@switchyard/switchyard');
    expect(required).toEqual(expect.arrayContaining(namesOf('@switchyard/switchyard')));
    expect(new Set(required).size).toBe(required.length);
  });

  it('are refused for an unknown name, with the known ones', () => {
    expect(() => namesOf('switchyard')).toThrow(/no public package switchyard\. .*@switchyard\/switchyard/);
  });
});
