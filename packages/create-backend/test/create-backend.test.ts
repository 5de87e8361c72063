import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBackend, run } from '../dist/index.js';

const root = join(import.meta.dirname, '../../..');
const manifestOf = (folder: string) =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, never> & {
    readonly version: string;
    readonly devDependencies: Readonly<Record<string, string>>;
  };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'switchyard-create-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

class Text extends Writable {
  text = '';
  readonly isTTY: boolean;

  constructor(isTTY = false) {
    super();
    this.isTTY = isTTY;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/** Runs the command; with answers, on a terminal. */
async function command(args: readonly string[], answers?: readonly string[]) {
  const stdin = Object.assign(new PassThrough(), { isTTY: answers !== undefined });
  const [stdout, stderr] = [new Text(), new Text(answers !== undefined)];
  const waiting = [...(answers ?? [])];
  const write = stderr._write.bind(stderr);
  // Each answer follows its question, as on a terminal.
  stderr._write = (chunk, encoding, done) => {
    write(chunk, encoding, done);
    if (!/: $/.test(chunk.toString())) return;
    const answer = waiting.shift();
    if (answer === undefined) stdin.end();
    else stdin.write(`${answer}\n`);
  };
  const code = await run({ args, stdin, stdout, stderr });
  return { code, stdout: stdout.text, stderr: stderr.text };
}

describe('a new backend', () => {
  it('has the files of the template under its own names', () => {
    const home = join(folder, 'names');
    const created = createBackend({ folder: home, name: '@me/switchyard-book-shelf' });
    expect(created).toMatchObject({ folder: home, name: '@me/switchyard-book-shelf', scheme: 'book-shelf' });
    const written = readdirSync(home, { recursive: true, encoding: 'utf8', withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(home.length + 1));
    expect(written.map((path) => path.replaceAll('\\', '/')).sort()).toEqual(created.files);
    expect(created.files).toEqual(expect.arrayContaining(['.gitignore', 'README.md', 'src/backend.ts']));
    for (const path of created.files) {
      expect(readFileSync(join(home, path), 'utf8'), path).not.toMatch(/template/i);
    }
    expect(readFileSync(join(home, 'src/definition.ts'), 'utf8')).toContain(
      'bookShelfBackend: BackendDefinition',
    );
    expect(readFileSync(join(home, 'src/backend.ts'), 'utf8')).toContain('class BookShelfBackend extends');
  });

  it('needs the packages of this version, and the tools of this repository', () => {
    const home = join(folder, 'versions');
    createBackend({ folder: home });
    const { version } = manifestOf(join(root, 'packages/create-backend'));
    const manifest = manifestOf(home);
    expect(manifest).toMatchObject({
      name: 'versions',
      type: 'module',
      license: 'UNLICENSED',
      peerDependencies: { '@switchyard/storage-core': `^${version}` },
      devDependencies: {
        '@switchyard/storage-conformance': `^${version}`,
        '@switchyard/storage-core': `^${version}`,
      },
    });
    const tools = Object.entries(manifest.devDependencies).filter(
      ([name]) => !name.startsWith('@switchyard/'),
    );
    expect(manifestOf(root).devDependencies).toMatchObject(Object.fromEntries(tools));
  });

  it('may go into a folder that has only a repository', () => {
    const home = join(folder, 'repository');
    mkdirSync(join(home, '.git'), { recursive: true });
    expect(createBackend({ folder: home }).files.length).toBeGreaterThan(10);
  });
});

describe('the command', () => {
  it('says what it created and what comes next', async () => {
    const home = join(folder, 'said');
    const { code, stdout, stderr } = await command([home]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('Created said in');
    expect(stdout).toMatch(/^ {2}npm install\n {2}npm test$/m);
  });

  it('prints the result as JSON', async () => {
    const home = join(folder, 'json');
    const { code, stdout } = await command([home, '--json', '--name', '@me/shelf', '--scheme', 'shelf']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      folder: home,
      name: '@me/shelf',
      scheme: 'shelf',
      next: [expect.stringMatching(/^cd /), 'npm install', 'npm test'],
    });
  });

  it.each([
    [['json-me', '--name', 'Upper'], 2, 'CREATE_INVALID_NAME', 'capital letters'],
    [['a', '--name', 'node_modules'], 2, 'CREATE_INVALID_NAME', 'node_modules'],
    [['a', '--name', ''], 2, 'CREATE_INVALID_NAME', 'length'],
    [['a', '--scheme', 'Shelf'], 2, 'CREATE_INVALID_SCHEME', 'lower-case'],
    [['a', '--scheme', 'c'], 2, 'CREATE_INVALID_SCHEME', 'two or more'],
    [['a', '--scheme', 'my_shelf'], 2, 'CREATE_INVALID_SCHEME', 'single dots'],
    [['a', '--scheme', 'libsql'], 2, 'CREATE_INVALID_SCHEME', 'another meaning'],
    [['sqlite-vec'], 2, 'CREATE_INVALID_SCHEME', 'another meaning'],
    [[], 2, 'CREATE_USAGE', 'folder is missing'],
    [['a', 'b'], 2, 'CREATE_USAGE', 'Too many arguments'],
    [['a', '--nmae', 'b'], 2, 'CREATE_USAGE', '--name'],
    [['full'], 1, 'CREATE_FOLDER_NOT_EMPTY', 'notes.txt'],
    [['full/notes.txt'], 1, 'CREATE_FOLDER_NOT_EMPTY', 'is a file'],
  ])('refuses %j with exit code %i and %s', async (args, exitCode, errorCode, part) => {
    const full = join(folder, 'full');
    mkdirSync(full, { recursive: true });
    writeFileSync(join(full, 'notes.txt'), 'mine');
    const inFolder = args.map((arg, index) => (index === 0 ? join(folder, arg) : arg));
    const { code, stdout, stderr } = await command([...inFolder, '--json']);
    const { error } = JSON.parse(stderr) as { error: { code: string; message: string; action: string } };
    expect({ code, stdout, error: error.code }).toEqual({ code: exitCode, stdout: '', error: errorCode });
    expect(error.message).toContain(part);
    expect(error.action).toMatch(/\.$|shelf$/);
    expect((await command(inFolder)).stderr).toMatch(`error [${errorCode}]: `);
    expect(readdirSync(full)).toEqual(['notes.txt']);
    expect(readdirSync(folder)).not.toContain('a');
  });

  it('prints its version and its help', async () => {
    const { version } = manifestOf(join(root, 'packages/create-backend'));
    expect(await command(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
    const { code, stdout } = await command(['--help']);
    expect(code).toBe(0);
    expect(stdout).toContain('--scheme <scheme>');
  });

  it('asks on a terminal, again after an answer that cannot be used, and takes the defaults', async () => {
    const home = join(folder, 'asked-backend');
    const { code, stdout, stderr } = await command([], [home, 'Not A Name', '', '']);
    expect(code).toBe(0);
    expect(stderr).toMatch(/npm does not accept the package name/);
    expect(stdout).toContain('Created asked-backend in');
    expect(stdout).toContain('begin with asked:');
  });

  it('creates nothing if the input ends before the last answer', async () => {
    const home = join(folder, 'unanswered');
    const { code, stdout, stderr } = await command([], [home]);
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
    expect(stderr).toContain('error [CREATE_INTERRUPTED]: There was no answer.');
    expect(readdirSync(folder)).not.toContain('unanswered');
  });
});
