import { mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findConfig } from '../src/config/find-config.js';
import { parseConfig } from '../src/config/parse-config.js';
import { resolveStorePath } from '../src/config/store-path.js';
import { jsonLines } from './support/command.js';
import { runHere, runHereJson } from './support/in-process.js';
import { put, temporaryFolder } from './support/temp.js';

const folder = realpathSync(temporaryFolder());
const project = join(folder, 'project');
const below = join(project, 'some', 'folder');
const [first, second, third] = ['first', 'second', 'third'].map((name) => join(project, `${name}.db`)) as [
  string,
  string,
  string,
];
const before = process.cwd();

beforeAll(async () => {
  mkdirSync(below, { recursive: true });
  for (const name of ['first', 'second', 'third']) {
    put(project, `docs/${name}/page.md`, `# ${name}\n\nThe page of ${name}.\n`);
    await index(join(project, 'docs', name), '--store', join(project, `${name}.db`));
  }
});
beforeEach(() => process.chdir(below));
afterEach(() => {
  process.chdir(before);
  for (const ending of ['yaml', 'yml', 'json'])
    rmSync(join(project, `switchyard.config.${ending}`), { force: true });
});
afterAll(() => process.chdir(before));

function index(source: string, ...more: string[]): Promise<unknown> {
  return runHereJson(['index', source, '--embedder', 'none', ...more]);
}

function config(text: string, ending = 'yaml'): string {
  put(project, `switchyard.config.${ending}`, text);
  return join(project, `switchyard.config.${ending}`);
}

/** Name of the only library of the store that a command used. */
async function usedStore(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const [library] = (await runHereJson(['libraries', ...args], { env })) as { name: string }[];
  return library?.name ?? 'none';
}

describe('STORE', () => {
  it('is the argument, else SWITCHYARD_STORE, else that of the nearest configuration file', async () => {
    config('store: third.db\n');
    expect(await usedStore([first], { SWITCHYARD_STORE: second })).toBe('first');
    expect(await usedStore([], { SWITCHYARD_STORE: second })).toBe('second');
    expect(await usedStore([], { SWITCHYARD_STORE: '' })).toBe('third');
    expect(await usedStore([])).toBe('third');
  });

  it('has a path relative to the file in a file, and to the working folder in the environment', async () => {
    config('{ "store": "file:./third.db?busyTimeoutMs=100" }', 'json');
    expect(await usedStore([])).toBe('third');
    expect(await usedStore([], { SWITCHYARD_STORE: '../../second.db' })).toBe('second');
  });

  it('is required where neither gives one, with advice', async () => {
    for (const args of [['libraries'], ['search', '--queries', '-'], ['index', 'docs']]) {
      const { code, stdout, stderr } = await runHere(args);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(
        /^error \[CLI_USAGE\]: Missing (?:STORE|--store).*\n {2}.*SWITCHYARD_STORE.*config/,
      );
    }
  });

  it('is ignored in a configuration file with --no-config', async () => {
    config('store: third.db\n');
    expect(await runHere(['libraries', '--no-config'])).toMatchObject({ code: 2 });
    config('nonsense: [');
    expect(await usedStore([first, '--no-config'])).toBe('first');
  });

  it('is the first argument of a search only if it looks like one, given a default', async () => {
    const env = { SWITCHYARD_STORE: first };
    const search = async (...args: string[]) => {
      const answer = await runHereJson(['search', ...args, '--fts-only'], { env });
      return (answer as { library: string }).library;
    };
    expect(await search('first', 'page')).toBe('first');
    expect(await search('first', 'the', 'page')).toBe('first');
    expect(await search(second, 'second', 'page')).toBe('second');
    expect(await search('../../second.db?busyTimeoutMs=5', 'second', 'page')).toBe('second');
    expect(await search(`file:${second}`, 'second', 'page')).toBe('second');
    expect(await search('second', 'page', '--store', second)).toBe('second');
    expect(await runHere(['search', 'first'], { env })).toMatchObject({ code: 2 });
    expect((await runHere(['search', 'docs/unknown', 'x'], { env })).stderr).toContain(
      "no library 'docs/unknown'",
    );
    const queries = { env, input: '{"library": "second", "text": "page"}\n' };
    expect((await runHere(['search', second, '--queries', '-'], queries)).stdout).toContain('"ftsRank":1');
  });

  it('is where index writes', async () => {
    config('store: new.db\nembedder: none\n');
    await runHereJson(['index', join(project, 'docs/first')]);
    expect(await usedStore([join(project, 'new.db')])).toBe('first');
  });
});

describe('a configuration file', () => {
  it('gives defaults of options, which the command line overrides', async () => {
    config(`
      store: options.db
      embedder: none
      baseUrl: https://docs.example.org/v1
      chunkSize: 80
      include: docs/**
      exclude: ['**/second', '**/other.md']
      limit: 1
    `);
    put(project, 'docs/first/other.md', '# Other\n');
    put(
      project,
      'docs/first/long.md',
      '# Long\n\nOne page. Two pages. Three pages. Four pages. Five pages of text.\n',
    );
    const indexed = (args: string[]) => runHereJson(['index', project, '--library', 'all', ...args]);
    expect(await indexed([])).toMatchObject({ pagesAdded: 3, chunksWritten: expect.any(Number) });
    const search = (args: string[]) => runHereJson(['search', 'all', 'page', '--fts-only', ...args]);
    const { hits } = (await search([])) as { hits: { url: string }[] };
    expect(hits).toHaveLength(1);
    expect(hits[0]?.url).toMatch(/^https:\/\/docs\.example\.org\/v1\/docs\//);
    expect(((await search(['-n', '9'])) as { hits: unknown[] }).hits.length).toBeGreaterThan(2);
    expect(await indexed(['--include', 'docs/first/page.md', '--exclude', 'nothing'])).toMatchObject({
      pagesAdded: 0,
      pagesVanished: expect.arrayContaining(['https://docs.example.org/v1/docs/third/page.md']),
      vanishedDeleted: false,
    });
  });

  it('has an embedder that searches use only where it fits the store', async () => {
    config('embedder: openai:some-model\n');
    const { code, stderr } = await runHere(['search', first, 'first', 'page']);
    expect(code).toBe(0);
    expect(stderr).toBe('note: The store has no vectors: full text only.\n');
    config('embedder: none\n');
    expect(await runHere(['search', first, 'first', 'page'])).toMatchObject({ code: 0, stderr: '' });
  });

  it('is shown by doctor, with the origin of the store', async () => {
    const file = config('store: third.db\nembedder: none\nbaseUrl: https://user:SECRET@docs.example.org/\n');
    const { stdout } = await runHere(['doctor']);
    expect(stdout).toContain(`The store is that of the configuration file. Configuration file: ${file}\n`);
    expect(stdout).toMatch(
      /^ {2}store: .*third\.db\n {2}embedder: none\n {2}baseUrl: https:\/\/docs\.example\.org\//m,
    );
    expect(stdout).not.toContain('SECRET');
    expect(await runHereJson(['doctor'], { env: { SWITCHYARD_STORE: first } })).toMatchObject({
      store: first,
      storeFrom: 'environment',
      configuration: { file, values: { store: third, embedder: 'none' } },
    });
    rmSync(file);
    expect(await runHereJson(['doctor', first])).toMatchObject({
      storeFrom: 'argument',
      configuration: null,
    });
  });

  it('may be empty, and the nearest one counts', async () => {
    config('store: third.db\n');
    put(project, 'some/switchyard.config.yml', '# nothing\n');
    expect(await runHere(['libraries'])).toMatchObject({ code: 2 });
    rmSync(join(project, 'some/switchyard.config.yml'));
    expect(await usedStore([])).toBe('third');
  });

  it.each([
    ['yaml', 'store: docs.db\nlimit: [1\n', 3, /Not valid YAML/],
    ['yaml', 'store: "docs.db\n', 2, /Not valid YAML/],
    ['yaml', 'store: !!js/function "() => 1"\n', 1, /Not valid YAML/],
    ['yaml', 'store: a.db\nstore: b.db\n', 2, /Not valid YAML\. Map keys must be unique/],
    ['yaml', '- store\n', 1, /must contain keys with values/],
    ['yml', 'limit: many\n', 1, /'limit' must be a whole number from 0/],
    ['yaml', 'limit: 7\nchunkSize: 1\n', 2, /'chunkSize' must be a whole number from 64/],
    ['yaml', 'baseUrl: docs\n', 1, /'baseUrl' must be a URL/],
    ['yaml', 'include: [a, 7]\n', 1, /'include' must be a glob/],
    ['yaml', 'store: *nowhere\n', 1, /'store' must be a connection string/],
    ['yaml', '\n\nstor: docs.db\n', 3, /Unknown key 'stor'; the nearest known one is 'store'/],
    ['yaml', 'base-url: https://x.org\n', 1, /nearest known one is 'baseUrl'/],
    ['yaml', 'store: postgres://x\n', 1, /Unknown scheme 'postgres:'/],
    ['json', '{\n  "store": "docs.db",\n  "limit": }\n', 3, /Not valid JSON/],
    ['json', '{\n  "store": "docs.db"\n', 3, /Not valid JSON/],
    ['json', 'store: docs.db\n', 1, /Not valid JSON/],
    ['json', '{\n  "embeder": "none"\n}\n', 2, /nearest known one is 'embedder'/],
  ])('that is wrong is refused with its path and line: %s %j', async (ending, text, line, message) => {
    const file = config(text, ending);
    const { code, stdout, stderr } = await runHere(['libraries', '--json']);
    expect([code, stdout]).toEqual([2, '']);
    const [{ error }] = jsonLines(stderr) as [{ error: Record<string, unknown> }];
    expect(error).toMatchObject({ code: 'CLI_CONFIG', details: { file, line } });
    expect(error.message).toContain(`${file}, line ${line}: `);
    expect(error.message).toMatch(message);
    expect(error.action).toMatch(/\.$/);
  });

  it.each([
    'store: libsql://db.example.org?authToken=SECRET\n',
    'store: "file:a.db?syncUrl=libsql://h&authToken=SECRET"\n',
    'authToken: SECRET\n',
    'openai_api_key: SECRET\n',
    'store: libsql://user:SECRET@db.example.org\n',
    'store: "libsql://h?authToken=SECRET\n',
    'store: a.db?authToken=SECRET\n',
    '? [authToken=SECRET]\n: SECRET\n',
  ])('with a secret is refused and never shown: %j', async (text) => {
    config(text);
    for (const args of [['doctor'], ['doctor', '--json']]) {
      const { code, stdout, stderr } = await runHere(args, { env: { SWITCHYARD_DEBUG: '1' } });
      expect(code).toBe(2);
      expect(stderr).toContain('CLI_CONFIG');
      expect(stdout + stderr).not.toContain('SECRET');
    }
  });

  it('with a secret names the environment variable to set', async () => {
    config('store: libsql://db.example.org?authToken=SECRET\n');
    expect((await runHere(['libraries'])).stderr).toMatch(
      /contains a secret, and secrets.*\n {2}.*LIBSQL_AUTH_TOKEN/,
    );
    config('authToken: SECRET\n');
    expect((await runHere(['libraries'])).stderr).toMatch(
      /'authToken' is a secret.*\n {2}.*LIBSQL_AUTH_TOKEN/,
    );
  });

  it('is never executed, and other files are not read', async () => {
    for (const name of [
      'switchyard.config.js',
      'switchyard.config.mjs',
      '.switchyardrc.js',
      'package.json',
    ]) {
      put(project, name, `throw new Error('executed');`);
    }
    expect(await findConfig(below)).toBeNull();
  });

  it('of another user is refused, as it could send the token elsewhere', async () => {
    const file = config('store: third.db\n');
    const mine = process.getuid?.();
    if (mine === undefined) return;
    await expect(findConfig(below, mine)).resolves.toMatchObject({ file });
    // Root's files are those of the system.
    const result = findConfig(below, mine + 1);
    await (mine === 0
      ? expect(result).resolves.toMatchObject({ file })
      : expect(result).rejects.toMatchObject({ code: 'CLI_CONFIG', details: { file } }));
  });

  it('that is a folder is refused', async () => {
    mkdirSync(join(below, 'switchyard.config.yaml'));
    const { code, stderr } = await runHere(['libraries']);
    rmSync(join(below, 'switchyard.config.yaml'), { recursive: true });
    expect(code).toBe(2);
    expect(stderr).toMatch(/CLI_CONFIG.*cannot be read \(EISDIR\)/);
  });

  it('with a byte order mark or CRLF is read', () => {
    expect(parseConfig('a.json', '\ufeff{"limit": 3}')).toEqual({
      values: { limit: 3 },
      lines: { limit: 1 },
    });
    expect(parseConfig('a.yaml', '\ufeffinclude: a\r\nlimit: 3\r\n')).toEqual({
      values: { include: ['a'], limit: 3 },
      lines: { include: 1, limit: 2 },
    });
  });
});

describe('the path of a store in a file', () => {
  const definitions = [
    { schemes: ['', 'file:', 'libsql://', ':memory:', 'sqlite-vec:'].map((prefix) => ({ prefix })) },
  ] as never;
  it.each([
    ['docs.db', { type: 'file', path: 'docs.db' }, '/a/b/docs.db'],
    ['file:docs.db?x=1', { type: 'file', path: 'docs.db' }, 'file:/a/b/docs.db?x=1'],
    ['FILE:../docs.db', { type: 'file', path: '../docs.db' }, 'file:/a/docs.db'],
    ['sqlite-vec:docs.db', { type: 'file', path: 'docs.db' }, 'sqlite-vec:/a/b/docs.db'],
    ['file:r.db?syncUrl=libsql://h', { type: 'replica', path: 'r.db' }, 'file:/a/b/r.db?syncUrl=libsql://h'],
    ['file:a%20b.db', { type: 'file', path: 'a b.db' }, 'file:/a/b/a b.db'],
    ['file:50%25.db', { type: 'file', path: '50%.db' }, 'file:///a/b/50%25.db'],
    ['/data/docs.db', { type: 'file', path: '/data/docs.db' }, '/data/docs.db'],
    ['libsql://docs.db', { type: 'server', url: 'libsql://docs.db' }, 'libsql://docs.db'],
    [':memory:', { type: 'memory' }, ':memory:'],
  ])('%s becomes absolute if it is relative', (text, location, expected) => {
    expect(resolveStorePath(text, { location: location as never }, '/a/b', definitions)).toBe(expected);
  });
});

describe('quiet', () => {
  it('prints results and errors only', async () => {
    const loud = await runHere(['search', first, 'first', 'page']);
    const quiet = await runHere(['search', first, 'first', 'page', '--quiet']);
    expect(loud.stderr).toContain('note:');
    expect(quiet).toEqual({ code: 0, stdout: loud.stdout, stderr: '' });
    expect(await runHere(['search', first, 'first', 'page', '-q', '--json'])).toMatchObject({ stderr: '' });
    const failed = await runHere(['search', first, 'nothing', 'page', '-q']);
    expect(failed).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^error \[/) });
  });

  it('prints no progress', async () => {
    writeFileSync(
      join(project, 'docs/first/large.md'),
      `# Large\n\n${readFileSync(import.meta.filename, 'utf8')}\n`,
    );
    const args = [
      'index',
      join(project, 'docs'),
      '--store',
      join(project, 'quiet.db'),
      '--embedder',
      'none',
      '--json',
    ];
    expect((await runHere(args)).stderr).toContain('"progress"');
    expect((await runHere([...args, '--force', '--quiet'])).stderr).toBe('');
  });
});
