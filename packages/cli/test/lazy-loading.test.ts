import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { put, temporaryFolder } from './support/temp.js';

const folder = temporaryFolder();
const binary = join(import.meta.dirname, '..', 'bin', 'switchyard.js');

/** Prints the URL of every module that is loaded. */
const hooks =
  'export async function load(url, context, next) { process._rawDebug(url); return next(url, context); }';
const registration = `import { register } from 'node:module';
  register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hooks)}));`;

/** Modules that a command loads, one URL a line. */
function loadedBy(...args: string[]): string {
  const options = ['--import', `data:text/javascript,${encodeURIComponent(registration)}`, binary, ...args];
  const env = { PATH: process.env.PATH };
  return spawnSync(process.execPath, options, { cwd: folder, encoding: 'utf8', env }).stderr;
}

const LAZY =
  /node_modules\/(?:lilconfig|yaml|fastest-levenshtein|tinyglobby|sqlite-vec|better-sqlite3)\/|backend-sqlite-vec|legacy-conversion|cli\/dist\/shared\/(?!chunk-)[a-z-]+(?=-)/g;

it('loads libraries of single commands, and of configuration files, when they are needed', () => {
  put(folder, 'switchyard.config.yaml', 'store: missing.db\n');
  const version = loadedBy('--version');
  expect(version).toContain('node_modules/commander');
  expect(version.match(LAZY)).toBeNull();
  const used = [...new Set(loadedBy('libraries').match(LAZY))].sort();
  expect(used).toEqual([
    'cli/dist/shared/find-config',
    'cli/dist/shared/parse-config',
    'node_modules/fastest-levenshtein/',
    'node_modules/lilconfig/',
    'node_modules/yaml/',
  ]);
});
