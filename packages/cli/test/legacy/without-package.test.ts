import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Finished } from '../support/command.js';
import { soundStore } from '../support/damaged-stores.js';
import { put, temporaryFolder } from '../support/temp.js';

const root = join(import.meta.dirname, '..', '..', '..', '..');
const folder = temporaryFolder();
const legacy = join(folder, 'sound-legacy.db');
const store = join(folder, 'sound-libsql.db');

/** Packages that only legacy stores need. */
const MISSING = ['@switchyard/backend-sqlite-vec', 'better-sqlite3', 'sqlite-vec'];

/**
 * Lays out an installation without the legacy packages: copies of our packages, as npm would unpack them, and links to
 * those of others, which Node resolves from their own place.
 */
function install(): void {
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, '@switchyard'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
  for (const name of readdirSync(join(root, 'packages'))) {
    if (MISSING.includes(`@switchyard/${name}`)) continue;
    for (const part of ['package.json', 'dist', 'bin']) {
      const source = join(root, 'packages', name, part);
      if (!existsSync(source)) continue;
      const target = join(modules, '@switchyard', name, part);
      cpSync(source, target, {
        recursive: true,
        filter: (path) => !/\.(?:map|d\.ts|tsbuildinfo)$/.test(path),
      });
    }
  }
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name === '@switchyard' || name.startsWith('.') || MISSING.includes(name)) continue;
    symlinkSync(join(root, 'node_modules', name), join(modules, name), 'dir');
  }
}

/** Runs commands one after the other in one process of that installation. */
async function runThere(commands: readonly (readonly string[])[]): Promise<Finished[]> {
  const program = join(import.meta.dirname, '../support/run-all.mjs');
  const child = spawn(process.execPath, [program, folder], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  child.stdin.end(commands.map((args) => `${JSON.stringify(args)}\n`).join(''));
  await once(child, 'close');
  return printed
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Finished);
}

describe('without the packages of legacy stores', () => {
  const commands = {
    libraries: ['libraries', store],
    search: ['search', store, 'alpha', 'client request', '--fts-only'],
    index: ['index', join(folder, 'docs'), '--store', join(folder, 'new.db'), '--embedder', 'none'],
    help: ['help', 'convert'],
    legacyString: ['libraries', `sqlite-vec:${legacy}`],
    legacyJson: ['inspect', `sqlite-vec:${legacy}?migrate=manual`, '--json'],
    badOption: ['inspect', `sqlite-vec:${legacy}?nope=1`],
    doctor: ['doctor', `sqlite-vec:${legacy}`],
    legacyFile: ['libraries', legacy],
    legacyTarget: ['copy', store, `sqlite-vec:${join(folder, 'target.db')}`],
    convert: ['convert', legacy, '--to', join(folder, 'converted.db')],
    verify: ['verify', `sqlite-vec:${legacy}`, join(folder, 'converted.db')],
  } as const;
  let done: Readonly<Record<keyof typeof commands, Finished>>;

  beforeAll(async () => {
    install();
    put(folder, 'docs/page.md', '# Page\n\nIts text.\n');
    await soundStore('legacy', folder);
    await soundStore('libsql', folder);
    const results = await runThere(Object.values(commands));
    done = Object.fromEntries(
      Object.keys(commands).map((name, index) => [name, results[index]]),
    ) as typeof done;
  });

  it.each(['libraries', 'search', 'index', 'help'] as const)('%s works on a libSQL store', (name) => {
    expect(done[name]).toMatchObject({ code: 0 });
    expect(done[name].stderr).not.toContain('error');
  });

  it.each(['legacyString', 'legacyTarget'] as const)('names the package to install: %s', (name) => {
    const { code, stdout, stderr } = done[name];
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(
      /^error \[STORAGE_NOT_SUPPORTED\]: .*@switchyard\/backend-sqlite-vec, which is not installed\.$/m,
    );
    expect(stderr).toMatch(
      /^ {2}Install it .*npm install @switchyard\/backend-sqlite-vec\..*switchyard convert/m,
    );
  });

  it('names it as JSON, and as a finding of doctor', () => {
    expect(JSON.parse(done.legacyJson.stderr)).toMatchObject({
      error: {
        code: 'STORAGE_NOT_SUPPORTED',
        action: expect.stringContaining('npm install @switchyard/backend-sqlite-vec'),
      },
    });
    expect(done.doctor.code).toBe(1);
    expect(done.doctor.stdout).toContain('npm install @switchyard/backend-sqlite-vec');
  });

  it('still checks the options of a legacy connection string', () => {
    expect(done.badOption.code).toBe(2);
    expect(done.badOption.stderr).toContain('Known options: busyTimeoutMs, migrate.');
  });

  it('explains a legacy file without its scheme, with the package', () => {
    expect(done.legacyFile.code).toBe(1);
    expect(done.legacyFile.stderr).toMatch(
      /STORAGE_SCHEMA_UNSUPPORTED.*sqlite-vec:.*@switchyard\/backend-sqlite-vec.*switchyard convert/,
    );
  });

  it('converts and verifies a legacy store, which needs no driver of its own', () => {
    expect(done.convert).toMatchObject({ code: 0, stderr: '' });
    expect(done.verify).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Equal/) });
  });

  it('leaves nothing behind where a legacy target could not be opened', () => {
    expect(existsSync(join(folder, 'target.db'))).toBe(false);
  });
});

describe('the packages of legacy stores', () => {
  it('are not dependencies that npm installs with the command', () => {
    const manifest = JSON.parse(readFileSync(join(root, 'packages/cli/package.json'), 'utf8')) as Record<
      string,
      Record<string, unknown>
    >;
    const installed = { ...manifest.dependencies, ...manifest.optionalDependencies };
    expect(MISSING.filter((name) => name in installed)).toEqual([]);
    expect(manifest.peerDependenciesMeta?.['@switchyard/backend-sqlite-vec']).toEqual({ optional: true });
  });
});
