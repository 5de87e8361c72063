import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { jsonLines, switchyard, switchyardProcess } from './support/command.js';
import { temporaryFolder } from './support/temp.js';

const folder = temporaryFolder();
const root = join(import.meta.dirname, '..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

describe('help', () => {
  it('explains connection strings, environment, exit codes and examples', async () => {
    const { code, stdout, stderr } = await switchyard(['--help']);
    expect(code).toBe(0);
    expect(stderr).toBe('');
    for (const part of [
      'index',
      'search',
      'libraries',
      'inspect',
      'optimize',
      'reembed',
      'ann-index',
      'copy',
      'sqlite-vec:', // @legacy
      'libsql://',
    ]) {
      expect(stdout).toContain(part);
    }
    for (const part of ['authToken', 'LIBSQL_AUTH_TOKEN', 'NO_COLOR', 'Exit codes', '130', 'Examples']) {
      expect(stdout).toContain(part);
    }
  });

  it.each(['index', 'search', 'libraries', 'inspect', 'optimize', 'reembed', 'copy'])(
    'of %s shows examples',
    async (command) => {
      const { code, stdout } = await switchyard(['help', command]);
      expect(code).toBe(0);
      expect(stdout).toContain(`$ switchyard ${command} `);
      expect(stdout).toContain('--json');
    },
  );

  it('is printed on stderr, as a usage error, when no command is given', async () => {
    const { code, stdout, stderr } = await switchyardProcess([]);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('Usage: switchyard');
  });

  it('prints the version', async () => {
    expect(await switchyardProcess(['--version'])).toEqual({
      code: 0,
      stdout: `${manifest.version}\n`,
      stderr: '',
    });
  });
});

describe('an invalid command line', () => {
  it.each([
    [['nonsense'], /Unknown command 'nonsense'\./],
    [['libraries'], /Missing STORE/],
    [['libraries', 'a.db', 'b.db'], /Too many arguments/],
    [['search', 'docs.db'], /Missing library and text/],
    [['search', 'docs.db', 'fastify'], /Missing text to search for/],
    [['search', 'docs.db', 'fastify', ' '], /Missing text to search for/],
    [['inspect', 'data/libsql:/host'], /The path contains 'libsql:\/'/],
    [['search', 'docs.db', 'fastify', 'x', '--limit', '-1'], /whole number from 0/],
    [['search', 'docs.db', 'fastify', 'x', '--limit', 'many'], /whole number from 0/],
    [['search', 'docs.db', 'fastify', 'x', '--fts-only', '--embedder', 'offline'], /mutually exclusive/],
    [['search', 'docs.db', '@1.0', 'x', '--queries', '-'], /come from the file/],
    [['inspect', 'postgres://host/db'], /Unknown scheme 'postgres:'/],
    [['inspect', 'docs.db?nonsense=1'], /Unknown option for the libsql backend/],
    [['index', '.', '--library', 'x'], /--store/],
    [['copy', 'a.db', 'file:a.db'], /same store/],
  ])('%j exits with 2', async (args, message) => {
    const { code, stdout, stderr } = await switchyard(args);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^error \[(?:CLI_USAGE|STORAGE_CONNECTION_STRING)\]: /);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });

  it('is reported as JSON with --json', async () => {
    const { code, stdout, stderr } = await switchyard(['libraries', '--json']);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(jsonLines(stderr)).toEqual([
      { error: { code: 'CLI_USAGE', message: expect.stringContaining('store'), action: expect.any(String) } },
    ]);
  });
});

describe('secrets', () => {
  it.each([
    [['libsql://127.0.0.1:9?authToken=SECRET']],
    [['inspect', 'libsql://127.0.0.1:9?authToken=SECRET&nonsense=1']],
    [['inspect', 'libsq://127.0.0.1:9?authToken=SECRET']],
    [['inspect', 'libsql://user:SECRET@127.0.0.1:9']],
    [['inspect', '--authToken=SECRET', 'docs.db']],
    [['inspect', 'libsql://127.0.0.1:9?authToken=SECRET']],
    [['search', 'libsql://127.0.0.1:9?authToken=SECRET', 'fastify', 'plugin', '--json']],
    [['libraries', 'http://127.0.0.1:9?authToken=SECRET', '--json']],
    [['copy', 'http://127.0.0.1:9?authToken=SECRET', 'http://127.0.0.1:9/other?authToken=SECRET']],
  ])('%j prints none of them', async (args) => {
    const { code, stdout, stderr } = await switchyardProcess(args, { env: { SWITCHYARD_DEBUG: '1' } });
    expect(code).not.toBe(0);
    expect(stderr).not.toBe('');
    expect(stdout + stderr).not.toContain('SECRET');
  });

  it('in the environment are not printed either', async () => {
    const { code, stdout, stderr } = await switchyardProcess(['inspect', 'http://127.0.0.1:9'], {
      env: { SWITCHYARD_DEBUG: '1', LIBSQL_AUTH_TOKEN: 'SECRET' },
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error \[STORAGE_/);
    expect(stdout + stderr).not.toContain('SECRET');
  });
});

describe('a failing command', () => {
  it('prints advice', async () => {
    const missing = join(folder, 'missing.db');
    const { code, stdout, stderr } = await switchyardProcess(['libraries', missing]);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^error \[STORAGE_NOT_FOUND\]: .*\n {2}\S/);
  });
});

describe('colors', () => {
  it('are not used in a pipe unless forced, and never with NO_COLOR', async () => {
    const color = '\u001b[';
    const run = async (env: Record<string, string>) => (await switchyard(['nonsense'], { env })).stderr;
    expect(await run({})).not.toContain(color);
    expect(await run({ CI: '1' })).not.toContain(color);
    expect(await run({ FORCE_COLOR: '1' })).toContain(color);
    expect(await run({ FORCE_COLOR: '1', NO_COLOR: '1' })).not.toContain(color);
  });
});

describe('the binary', () => {
  it('explains how to build it if it is not built', () => {
    mkdirSync(join(folder, 'bin'));
    cpSync(join(root, 'bin', 'switchyard.js'), join(folder, 'bin', 'switchyard.mjs'));
    expect(() =>
      execFileSync(process.execPath, [join(folder, 'bin', 'switchyard.mjs')], { stdio: 'pipe' }),
    ).toThrow(/CLI_NOT_BUILT[\s\S]*npm ci/);
  });
});
