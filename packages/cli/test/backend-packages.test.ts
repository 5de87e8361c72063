import { chownSync, existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { backendModule } from '@switchyard/storage-container';
import type { BackendDefinition } from '@switchyard/storage-core/backend';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { switchyardProcess } from './support/command.js';
import { runHere, runHereJson } from './support/in-process.js';
import { notesProject } from './support/notes-project.js';
import { put, temporaryFolder } from './support/temp.js';

const project = notesProject(temporaryFolder());
const below = join(project, 'some/folder');
const before = process.cwd();

beforeAll(() => mkdirSync(below, { recursive: true }));
beforeEach(() => process.chdir(project));
afterAll(() => process.chdir(before));

const withNotes = ['--backend', 'notes-backend'];

describe('a store of another package', () => {
  beforeAll(async () => {
    process.chdir(project);
    await runHereJson(['index', 'docs', '--store', 'notes:./shelf', '--embedder', 'offline', ...withNotes]);
    await runHereJson(['index', 'docs', '--store', 'plain.db', '--embedder', 'offline']);
  });

  it.each([
    ['search', ['notes:./shelf', 'docs', 'declare a route'], { hits: expect.any(Array) }],
    [
      'search',
      ['docs', 'declare a route', '--store', 'notes:./shelf?isolation=process'],
      { library: 'docs' },
    ],
    ['libraries', ['notes:./shelf'], [{ name: 'docs' }]],
    ['inspect', ['notes:./shelf'], { backend: 'notes' }],
    ['doctor', ['notes:./shelf'], { backend: 'notes', healthy: true }],
    ['check', ['notes:./shelf'], {}],
    ['migrate', ['notes:./shelf'], {}],
    ['verify', ['notes:./shelf', 'notes:./shelf', '--deep'], { equal: true }],
    ['compare', ['plain.db', 'notes:./shelf', '--sample', '5', '--min-overlap', '1'], {}],
    ['reembed', ['notes:./shelf', '--embedder', 'offline'], {}],
  ])('is served by %s %j', async (command, args, expected) => {
    expect(await runHereJson([command, ...args, ...withNotes])).toMatchObject(expected);
  });

  it('is copied from and to, with equal content', async () => {
    await runHereJson(['copy', 'plain.db', 'notes:./copied', ...withNotes]);
    expect(statSync('copied').isDirectory()).toBe(true);
    await runHereJson(['copy', 'notes:./copied', 'back.db', ...withNotes]);
    for (const pair of [
      ['plain.db', 'notes:./copied'],
      ['plain.db', 'back.db'],
    ]) {
      expect(await runHereJson(['verify', ...pair, '--deep', ...withNotes])).toMatchObject({ equal: true });
    }
  });

  it('is removed from', async () => {
    await runHereJson(['copy', 'plain.db', 'notes:./removed', ...withNotes]);
    await runHereJson(['remove', 'docs', '--yes', '--store', 'notes:./removed', ...withNotes]);
    expect(await runHereJson(['libraries', 'notes:./removed', ...withNotes])).toEqual([]);
  });

  it.each([
    ['optimize', ['notes:./shelf'], 'STORAGE_NOT_SUPPORTED'],
    ['ann-index', ['notes:./shelf', 'docs', '--build'], 'STORAGE_NOT_SUPPORTED'],
    ['sync', ['notes:./shelf'], 'STORAGE_NOT_SUPPORTED'],
    ['libraries', ['notes:./absent'], 'STORAGE_NOT_FOUND'],
    ['libraries', ['notes:./shelf?nope=1'], 'STORAGE_CONNECTION_STRING'],
  ])('is refused by %s %j as any other store would be', async (command, args, code) => {
    const { stderr } = await runHere([command, ...args, ...withNotes]);
    expect(stderr).toContain(`error [${code}]`);
  });

  it('is served by the installed command, in a child process of the backend as well', async () => {
    const args = ['search', 'docs', 'plugin', '--fts-only', '--json'];
    const store = ['--store', 'notes:./shelf?isolation=process', ...withNotes];
    const { code, stdout, stderr } = await switchyardProcess([...args, ...store], { cwd: project });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('plugins.md');
  });
});

describe('--backend', () => {
  it.each([
    ['a package', 'notes-backend'],
    ['a file', './node_modules/notes-backend/index.mjs'],
    ['a folder with a package', './node_modules/notes-backend'],
    ['a URL', pathToFileURL(join(project, 'node_modules/notes-backend/index.mjs')).href],
  ])('takes %s', async (_, name) => {
    expect(await runHereJson(['libraries', 'notes:./shelf', '--backend', name])).toHaveLength(1);
  });

  it('takes several, and the same one twice', async () => {
    put(project, 'other.mjs', definition('other', 'other:'));
    const args = ['--backend', './other.mjs', '--backend', 'notes-backend', ...withNotes];
    expect(await runHereJson(['libraries', 'notes:./shelf', ...args])).toHaveLength(1);
  });

  it.each([
    ['a list', `export default [${literal('a', 'a:')}, ${literal('b', 'b:')}]`, ['a:', 'b:']],
    ['named exports', `export const a = ${literal('a', 'a:')}; export const VERSION = 1;`, ['a:']],
    ['CommonJS', `module.exports = { a: ${literal('a', 'a:')} }`, ['a:']],
  ])('takes a module that exports %s', async (title, code, schemes) => {
    const file = `exports-${title.replace(' ', '-')}.${title === 'CommonJS' ? 'cjs' : 'mjs'}`;
    put(project, file, code);
    const { backendPackages } = await doctor(':memory:', '--backend', `./${file}`);
    expect(backendPackages).toMatchObject([{ state: 'loaded', from: 'argument', schemes }]);
  });

  it.each([
    [
      'is not installed',
      'nowhere',
      null,
      /is not installed in .*\n.*\n {2}Install it there \(npm install nowhere\)/,
    ],
    ['does not exist', './nowhere.mjs', null, /does not exist in .*\n {2}Correct the path: --backend/s],
    ['is part of Node.js', 'fs', null, /not installed/],
    ['exports nothing', './a0.mjs', '', /provides no backend\. It exports nothing/],
    ['exports something else', './a1.mjs', 'export const x = 1;', /None of its exports is a backend.*: x\./],
    ['throws', './a2.mjs', 'throw new Error("no driver");', /failed while it was loaded: no driver/],
    [
      'lacks a package',
      './a3.mjs',
      'import "no-such-driver";',
      /failed.*Cannot find package 'no-such-driver'/,
    ],
    ['is no JavaScript', './a4.mjs', 'const = 1;', /failed while it was loaded/],
    ['claims a scheme that is taken', './a5.mjs', definition('a5', 'file:'), /both claim 'file:'/],
    [
      'claims a name that is taken',
      './a6.mjs',
      definition('libsql', 'a6:'),
      /Two backends are named 'libsql'/,
    ],
    [
      'is malformed',
      './a7.mjs',
      'export default { name: "a", schemes: [], create() {} }',
      /options of 'a' must be/,
    ],
  ])('refuses a package that %s', async (_, name, code, message) => {
    if (code !== null) put(project, name, code);
    const failed = await runHere(['libraries', 'plain.db', '--backend', name]);
    expect(failed.code).toBe(2);
    expect(failed.stderr).toMatch(/^error \[CLI_BACKEND\]: The backend package /);
    expect(failed.stderr).toMatch(message);
    expect(failed.stderr).toMatch(/\n {2}\S.*\.\n$/);
    const { healthy, backendPackages } = await doctor(':memory:', '--backend', name);
    expect({ healthy, backendPackages }).toMatchObject({
      healthy: false,
      backendPackages: [{ state: 'failed' }],
    });
  });

  it.each(['', '?isolation=process'])('refuses a backend of another contract%s', async (options) => {
    put(
      project,
      'node_modules/future/index.mjs',
      `import { MemoryBackend } from '@switchyard/storage-conformance/memory';
       import { withIsolation } from '@switchyard/storage-isolation';
       class Future extends MemoryBackend { contractVersion = 2; }
       const schemes = [{ prefix: 'future:', location: 'path', example: 'future:', description: '' }];
       export const inner = { name: 'future', schemes, options: [], create: () => new Future() };
       export default withIsolation(inner, { module: import.meta.url, exportName: 'inner' });`,
    );
    put(project, 'node_modules/future/package.json', '{"exports": "./index.mjs"}');
    const failed = await runHere(['libraries', `future:x${options}`, '--backend', 'future']);
    expect(failed.stderr).toMatch(
      /STORAGE_CONTRACT_MISMATCH.*contract version 2.*requires contract version 1/,
    );
  });
});

describe('backends of a configuration file', () => {
  const file = join(project, 'switchyard.config.yaml');
  const marker = join(project, 'was-loaded');
  beforeAll(() => {
    put(
      project,
      'node_modules/tripwire/index.mjs',
      `import { writeFileSync } from 'node:fs';
       writeFileSync(${JSON.stringify(marker)}, '');
       ${definition('tripwire', 'trip:')}`,
    );
    put(project, 'node_modules/tripwire/package.json', '{"exports": "./index.mjs"}');
    put(project, 'switchyard.config.yaml', 'backends: [notes-backend, tripwire]\nstore: notes:./shelf\n');
  });
  afterAll(() => rmSync(file));
  beforeEach(() => rmSync(marker, { force: true }));

  it('serve a file in the working folder, beside which they are resolved', async () => {
    expect(await runHereJson(['libraries'])).toHaveLength(1);
    expect(await runHereJson(['copy', 'notes:./shelf', 'from-config.db'])).toMatchObject({ libraries: 1 });
    expect(await runHere(['libraries', '--no-config'])).toMatchObject({ code: 2 });
  });

  it('load no code if the file was found above, and say how to', async () => {
    process.chdir(below);
    for (const args of [['libraries'], ['libraries', 'notes:../../shelf']]) {
      const { code, stderr } = await runHere(args);
      expect(code).toBe(2);
      expect(stderr).toMatch(/Unknown scheme 'notes:'/);
      expect(stderr).toContain(`pass --config ${file}, or name that file in SWITCHYARD_TRUSTED_CONFIGS.`);
    }
    expect(await runHereJson(['libraries', '../../plain.db'])).toHaveLength(1);
    const { backendPackages, healthy } = await doctor(':memory:');
    expect(healthy).toBe(true);
    expect(backendPackages).toMatchObject([
      {
        package: 'notes-backend',
        state: 'withheld',
        file: join(project, 'node_modules/notes-backend/index.mjs'),
      },
      { package: 'tripwire', state: 'withheld', reason: expect.stringContaining('above the working folder') },
    ]);
    const unserved = await runHere(['doctor']);
    expect(unserved.code).toBe(1);
    expect(unserved.stdout).toContain(`notes-backend, of the configuration file: withheld, ${project}`);
    expect(unserved.stdout).toContain('SWITCHYARD_TRUSTED_CONFIGS');
    expect(existsSync(marker)).toBe(false);
  });

  it.runIf(process.getuid?.() === 0)('load no code for root if the file is of another user', async () => {
    chownSync(file, 12_345, 12_345);
    try {
      expect(await runHere(['libraries'])).toMatchObject({ code: 2 });
      expect((await doctor(':memory:')).backendPackages).toMatchObject([
        { state: 'withheld', reason: expect.stringContaining('belongs to another user') },
        { state: 'withheld' },
      ]);
      expect(existsSync(marker)).toBe(false);
    } finally {
      chownSync(file, 0, 0);
    }
  });

  it.each([
    ['names it', ['--config', '../../switchyard.config.yaml'], {}],
    ['trusts it', [], { SWITCHYARD_TRUSTED_CONFIGS: `/nowhere:${file}` }],
  ])('are loaded from above if the user %s', async (_, args, env) => {
    process.chdir(below);
    expect(await runHereJson(['libraries', ...args], { env })).toHaveLength(1);
    expect(await runHereJson(['doctor', ...args], { env })).toMatchObject({
      backendPackages: [{ state: 'loaded', from: 'configuration', backends: ['notes'] }, { state: 'loaded' }],
    });
  });

  it.each([
    ['relative', '../../switchyard.config.yaml'],
    ['of another file', join(project, 'package.json')],
    ['of the folder', project],
  ])('are not trusted by a path that is %s', async (_, trusted) => {
    process.chdir(below);
    const env = { SWITCHYARD_TRUSTED_CONFIGS: trusted };
    expect(await runHere(['libraries'], { env })).toMatchObject({ code: 2 });
    expect(existsSync(marker)).toBe(false);
  });

  it('refuse a file of --config that cannot be used, before anything else', async () => {
    put(project, 'broken.yaml', 'backends: 7\n');
    for (const [name, message] of [
      ['broken.yaml', /'backends' must be the name of a package/],
      ['absent.yaml', /absent\.yaml: The file cannot be read \(ENOENT\)/],
    ] as const) {
      const { code, stderr } = await runHere(['libraries', 'plain.db', '--config', name]);
      expect(code).toBe(2);
      expect(stderr).toMatch(/^error \[CLI_CONFIG\]/);
      expect(stderr).toMatch(message);
    }
  });

  it('are unknown if the file cannot be parsed, which a command that needs one of them says', async () => {
    put(below, 'switchyard.config.yaml', 'backends: [notes-backend\n');
    process.chdir(below);
    expect(await runHereJson(['libraries', '../../plain.db'])).toHaveLength(1);
    const { stderr } = await runHere(['libraries', 'notes:../../shelf']);
    expect(stderr).toMatch(/Unknown scheme.*configuration file cannot be used: .*Not valid YAML/s);
    rmSync(join(below, 'switchyard.config.yaml'));
  });
});

describe('an unknown scheme', () => {
  it('names an installed package that declares it, without loading it', async () => {
    const { code, stderr } = await runHere(['libraries', 'notes:./shelf']);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /The installed package notes-backend serves notes:; pass --backend notes-backend, or add it to backends/,
    );
  });

  it('says how to add a package that is not known', async () => {
    expect((await runHere(['libraries', 'shelf:x'])).stderr).toMatch(
      /pass --backend PACKAGE, or add it to backends/,
    );
  });

  it('that is misspelled gets the nearest known one only', async () => {
    const { stderr } = await runHere(['libraries', 'libsq://host']);
    expect(stderr).toContain("Did you mean 'libsql:'?");
    expect(stderr).not.toContain('--backend');
  });
});

describe('run({ modules })', () => {
  it('serves the backends of the program: definitions and modules of a container', async () => {
    const url = pathToFileURL(join(project, 'node_modules/notes-backend/index.mjs')).href;
    const notes = ((await import(url)) as { default: BackendDefinition }).default;
    for (const modules of [[notes], [backendModule(notes)]]) {
      expect(await runHereJson(['libraries', 'notes:./shelf'], { modules })).toHaveLength(1);
    }
    expect((await runHere(['--help'], { modules: [notes] })).stdout).toContain('notes:FOLDER');
  });

  it('reports what is no module', async () => {
    const { code, stderr } = await runHere(['libraries', 'plain.db'], { modules: [{} as never] });
    expect(code).toBe(2);
    expect(stderr).toMatch(/CLI_BACKEND.*given to run\(\)/);
  });
});

async function doctor(...args: readonly string[]): Promise<Record<string, unknown>> {
  const { stdout } = await runHere(['doctor', ...args, '--json']);
  return JSON.parse(stdout) as Record<string, unknown>;
}

function literal(name: string, prefix: string): string {
  const scheme = { prefix, location: 'path', example: prefix, description: name };
  return `{ name: '${name}', schemes: [${JSON.stringify(scheme)}], options: [], create() {} }`;
}

function definition(name: string, prefix: string): string {
  return `export default ${literal(name, prefix)};\n`;
}
