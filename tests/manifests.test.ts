import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { closeUnreleased } from '../release/dist/changelog.js';
import { publicPackages } from '../release/dist/packages.js';

/** Keeps what is published complete: manifests, licenses, READMEs. Packages are found, so a new one needs no entry. */
const root = join(import.meta.dirname, '..');
const packages = publicPackages(root);
const rootManifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  version: string;
  license: string;
  engines: object;
};

it('finds the public packages, and leaves private ones out', () => {
  const names = packages.map(({ manifest }) => manifest.name);
  expect(names).toContain('@switchyard/storage-core');
  expect(names).not.toContain('@switchyard/storage-rollout');
});

it('compiles with its own TypeScript, not with the older one that TypeDoc needs', () => {
  const versionIn = (folder: string) => {
    const file = join(root, folder, 'node_modules/typescript/package.json');
    return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
  };
  expect(versionIn('.')).toMatch(/^7\./);
  expect(versionIn('api-reference')).toMatch(/^6\./);
});

/** Modules that do something when they are imported, such as entry points of processes and worker threads. */
function modulesWithEffects(folder: string): string[] {
  const found = ['src', 'bin']
    .filter((name) => existsSync(join(folder, name)))
    .flatMap((name) =>
      readdirSync(join(folder, name), { recursive: true, encoding: 'utf8' }).map((path) => `${name}/${path}`),
    )
    .filter((path) => /(?<!\.d)\.[jt]s$/.test(path) && !path.startsWith('src/page/'));
  return found
    .filter((path) => hasEffects(readFileSync(join(folder, path), 'utf8')))
    .map((path) => `./${path.replace(/^src\//, 'dist/').replace(/\.ts$/, '.js')}`);
}

/** Imports of a module for its effects, and statements at the top level except calls on what the module itself made. */
function hasEffects(source: string): boolean {
  const code = source.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/`[^`]*`/g, '``');
  if (/^import '/m.test(code) || /^(?:await|if|try|for|while|switch|new|throw|void) ?\b/m.test(code))
    return true;
  return [...code.matchAll(/^(?<name>[\w$]+)(?:\??\.[\w$]+)*\(/gm)].some(
    ({ groups }) => !new RegExp(`^const ${groups?.name}\\b`, 'm').test(code),
  );
}

it('recognizes modules with effects, so that the rule below can fail', () => {
  expect(hasEffects("import 'reflect-metadata';")).toBe(true);
  expect(hasEffects("parentPort?.on('message', answer);")).toBe(true);
  expect(hasEffects('await run();')).toBe(true);
  expect(hasEffects("const parser = new Parser();\nparser.enable('block');")).toBe(false);
  expect(hasEffects("import { a } from 'a';\n// if so\nexport function b() {\n  a();\n}")).toBe(false);
});

describe.each(packages)('$manifest.name', ({ folder, manifest }) => {
  const readme = existsSync(join(folder, 'README.md')) ? readFileSync(join(folder, 'README.md'), 'utf8') : '';

  it('has a complete manifest', () => {
    const { version, license, engines, type, description, keywords, files, repository, homepage, bugs } =
      manifest;
    expect({ version, license, engines, type }).toEqual({
      version: rootManifest.version,
      license: rootManifest.license,
      engines: rootManifest.engines,
      type: 'module',
    });
    expect(description).toMatch(/^[A-Z].*\.$/);
    expect(keywords).toEqual(expect.arrayContaining(['switchyard']));
    expect((keywords as string[]).length).toBeGreaterThanOrEqual(2);
    // The state of the compiler is of no use to anyone else.
    expect(files).toEqual(expect.arrayContaining(['dist', '!dist/.tsbuildinfo', 'src']));
    // There is no public address yet, and an invented one would belong to someone else.
    expect({ repository, homepage, bugs }).toEqual({});
  });

  it('needs its packages of this repository at exactly its own version', () => {
    const own = Object.entries({
      ...manifest.dependencies,
      ...manifest.optionalDependencies,
      ...manifest.peerDependencies,
    }).filter(([name]) => name.startsWith('@switchyard/'));
    expect(own.filter(([, range]) => range !== manifest.version)).toEqual([]);
    const names = packages.map((other) => other.manifest.name);
    expect(own.filter(([name]) => !names.includes(name))).toEqual([]);
  });

  it('names the modules with side effects', () => {
    expect(manifest.sideEffects || []).toEqual(expect.arrayContaining(modulesWithEffects(folder)));
    if (Array.isArray(manifest.sideEffects)) {
      expect(manifest.sideEffects.filter((path) => !existsSync(join(folder, path)))).toEqual([]);
    } else {
      expect(manifest.sideEffects).toBe(false);
    }
  });

  it('is built as a bundle, since loading many modules makes every start slow', () => {
    const { scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      scripts: { build: string };
    };
    expect(scripts.build).toMatch(/^tsc -b && node \.\.\/\.\.\/build\/bundle\.mjs\b/);
  });

  it('has the license of the repository', () => {
    expect(readFileSync(join(folder, 'LICENSE'), 'utf8')).toBe(readFileSync(join(root, 'LICENSE'), 'utf8'));
  });

  it('has a README that stands alone', () => {
    expect(readme).toMatch(new RegExp(`^# ${manifest.name}\n\n\\S`));
    expect(readme).toContain('[MIT](LICENSE)');
    const outside = [...readme.matchAll(/\]\((?<target>[^)\s]+)\)/g)]
      .map(({ groups }) => groups?.target ?? '')
      .filter((target) => !/^(?:https:|#)/.test(target))
      .filter((target) => target.startsWith('..') || !existsSync(join(folder, target.replace(/#.*/, ''))));
    expect(outside).toEqual([]);
    // The npm package of that bare name belongs to someone else.
    expect(readme).not.toMatch(/npx switchyard|npm install (?:-\S+ )*switchyard\b/);
  });

  it('says how to install it and that it is ESM only, unless it is internal', () => {
    if (readme.includes('**Internal.**')) return;
    // npm runs packages of the form create-NAME as `npm create NAME`.
    const used = manifest.name.replace('/create-', '/');
    const install = used === manifest.name ? `npm install .*${used}` : `npm create ${used}`;
    expect(readme).toMatch(new RegExp(`^${install}\\b`, 'm'));
    expect(readme).toContain('Not on npm yet');
    expect(readme).toContain('ESM only; Node.js 20.19 or newer.');
    expect(readme).toMatch(/^```ts\n|^npx @switchyard\/cli /m);
  });
});

describe('closeUnreleased', () => {
  const before =
    '# Changelog\n\n## Unreleased\n\n### Added\n\n- A thing.\n\n## 0.0.1 - 2026-01-01\n\n- Old.\n';

  it('turns "Unreleased" into the section of the release, below a new one', () => {
    expect(closeUnreleased(before, '0.1.0', '2026-02-03')).toBe(
      before.replace('## Unreleased\n', '## Unreleased\n\n## 0.1.0 - 2026-02-03\n'),
    );
  });

  it('refuses a release without a change, and a changelog without the section', () => {
    const released = closeUnreleased(before, '0.1.0', '2026-02-03');
    expect(() => closeUnreleased(released, '0.1.1', '2026-02-04')).toThrow('nothing to release');
    expect(() => closeUnreleased('# Changelog\n', '0.1.1', '2026-02-04')).toThrow('exactly one section');
  });

  it('accepts the changelog of this repository', () => {
    const changelog = readFileSync(join(root, 'CHANGELOG.md'), 'utf8');
    expect(closeUnreleased(changelog, '9.9.9', '2026-02-03')).toContain('\n## 9.9.9 - 2026-02-03\n');
  });
});
