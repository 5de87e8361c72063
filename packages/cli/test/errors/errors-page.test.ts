import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { libsqlModule } from '@switchyard/backend-libsql/module';
import { createContainer } from '@switchyard/storage-container';
import { errorCodes, type StorageErrorCode } from '@switchyard/storage-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { BackendPackages } from '../../src/backend-packages/backend-packages.js';
import { Settings } from '../../src/config/settings.js';
import { switchyardJson } from '../support/command.js';
import { put, temporaryFolder } from '../support/temp.js';
import { callProvocations } from './calls.js';
import { commandProvocations } from './commands.js';
import { legacyProvocations } from './legacy/commands.js'; // @legacy
import { formatPage } from './page.js';
import type { Provoked } from './provocation.js';

/** Codes that need resources this test does not have, with the test that provokes each. */
const elsewhere: Partial<Record<StorageErrorCode, string>> = {
  STORAGE_RERANK_FAILED: 'a rerank hook that fails: packages/storage-conformance/test/rerank.test.ts',
  STORAGE_EPOCH_CHANGED:
    'a store with a change log: packages/storage-conformance/src/contract/change-log-moves.ts',
  STORAGE_MUTATION_SPANS:
    'a store with a change log: packages/storage-conformance/src/contract/change-log-moves.ts',
  STORAGE_CRASHED: 'a child process that is killed: packages/storage-isolation/test/failures.test.ts',
  STORAGE_UNAUTHORIZED: 'a server with tokens: packages/backend-libsql/test/server-failures.test.ts',
  STORAGE_TOO_MANY_FILES: 'a limit of open files: packages/backend-libsql/test/closing.test.ts',
  STORAGE_DISK_FULL: 'a small file system: packages/backend-libsql/test/disk-full.test.ts',
  STORAGE_PERMISSION_DENIED: 'a user other than root: packages/backend-libsql/test/files.test.ts',
  STORAGE_TOO_LARGE: 'a server: packages/backend-libsql/test/server-large.test.ts',
  STORAGE_INTERNAL: 'a driver that fails in a way nobody knows: packages/sqlite-common/test/errors.test.ts',
};

const folder = temporaryFolder();
const files = {
  folder,
  store: join(folder, 'store.db'),
  foreign: join(folder, 'foreign.db'),
};
const legacy = join(folder, 'legacy.db'); // @legacy
const provocations = [
  ...commandProvocations(files),
  ...legacyProvocations(files, legacy), // @legacy
  ...callProvocations(folder),
];
const met = new Map<string, Provoked>();

beforeAll(async () => {
  put(join(folder, 'docs'), 'a.md', '# A page\n\nIts text.\n');
  await switchyardJson(['index', join(folder, 'docs'), '--store', files.store, '--embedder', 'none']);
  await switchyardJson(['copy', files.store, `sqlite-vec:${legacy}`]); // @legacy
  const backend = createContainer({ modules: [libsqlModule] }).createBackend(files.foreign);
  await backend.open();
  await backend.vectors.reconcile({ model: 'other:model', dimension: 4, metric: 'cosine' }, 'refuse');
  const vector = Float32Array.of(1, 0, 0, 0);
  const metadata = { types: ['text'], level: 1, path: [] };
  const page = { url: '/a', id: 77 };
  const chunks = [{ content: 'text', metadata, vector, id: 1 }];
  await backend.apply([{ kind: 'replacePage', version: { library: 'lib', version: '1' }, page, chunks }]);
  await backend.close();
});

describe('every error that a user or a program can cause', () => {
  it.each(provocations)('$title', async ({ title, provoke }) => {
    const error = await provoke();
    met.set(title, error);
    const all = `${error.message}\n${error.printed ?? errorCodes[error.code as StorageErrorCode].action}`;
    expect(error.code).toMatch(/^(STORAGE|CLI)_/);
    expect(error.code).not.toBe('CLI_UNEXPECTED');
    expect(error.code).not.toBe('STORAGE_INTERNAL');
    // A sentence, without the marks of a value that was not there.
    expect(error.message).toMatch(/^[^a-z].*[.:?)\]]|^[`'"./-]|^\w+:/s);
    expect(all).not.toMatch(/\bundefined\b|\bNaN\b|\[object |\$\{|see .?cause/i);
    expect(all).not.toMatch(/Cannot read propert|is not a function|is not iterable/);
    if (error.exitCode !== undefined) {
      const mistakes = ['CLI_USAGE', 'CLI_CONFIG', 'CLI_BACKEND', 'STORAGE_CONNECTION_STRING'];
      expect(error.exitCode).toBe(mistakes.includes(error.code) ? 2 : 1);
    }
    expect(all).not.toContain('token=x');
    await namesOnlyWhatExists(all);
  });

  it('covers every code, or names the test that provokes it', () => {
    const codes = new Set([...met.values()].map(({ code }) => code));
    const missing = (Object.keys(errorCodes) as StorageErrorCode[]).filter(
      (code) => !codes.has(code) && elsewhere[code] === undefined,
    );
    expect(missing).toEqual([]);
    writeFileSync(join(tmpdir(), 'switchyard-errors-page.md'), formatPage(met, elsewhere));
  });
});

const helpOf = new Map<string, Promise<string>>();

/** A command or an option that a message names is in the help. */
async function namesOnlyWhatExists(text: string): Promise<void> {
  for (const [, name = ''] of text.matchAll(/`switchyard ([a-z-]+)/g)) {
    expect(await help(), `switchyard ${name}`).toMatch(new RegExp(`^ {2}${name}\\b`, 'm'));
  }
  const known = await everyOption();
  for (const [option] of text.matchAll(/(?<![\w-])--[a-z][a-z-]+/g)) {
    if (option !== '--nope') expect([...known, '--omit'], option).toContain(option);
  }
}

async function everyOption(): Promise<string[]> {
  const names = [...(await help()).matchAll(/^ {2}([a-z-]+) .*/gm)].map(([, name = '']) => name);
  const texts = await Promise.all(names.map((name) => help(name)));
  return [...texts.join('\n').matchAll(/--[a-z][a-z-]+/g)].map(([option]) => option);
}

function help(name = ''): Promise<string> {
  const known = helpOf.get(name) ?? printedHelp(name);
  helpOf.set(name, known);
  return known;
}

async function printedHelp(name: string): Promise<string> {
  const { createProgram } = await import('../../src/program.js');
  const { builtIns } = await import('../../src/backends.js');
  const { Output } = await import('../../src/output/output.js');
  const { Readable, Writable } = await import('node:stream');
  const stream = new Writable({ write: (_piece, _encoding, done) => done() });
  const output = new Output({ stdout: stream, stderr: stream, env: {}, json: false });
  const switchyard = createContainer({ modules: [libsqlModule] });
  const settings = new Settings({ env: {}, cwd: folder, switchyard });
  const backendPackages = new BackendPackages({ switchyard, settings, cwd: folder });
  const program = createProgram(
    {
      switchyard,
      builtIns,
      backendPackages,
      output,
      env: {},
      settings,
      stdin: Readable.from([]),
      signal: new AbortController().signal,
    },
    '0',
  );
  const command = name === '' ? program : program.commands.find((one) => one.name() === name);
  return command?.helpInformation() ?? '';
}
