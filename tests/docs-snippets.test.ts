import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeOldStore } from './support/legacy/old-store.js'; // @legacy
import { installShortDocumentation } from './support/short-documentation.js';
import { findSnippets } from './support/snippets.js';

/**
 * Runs every snippet of the documentation: TypeScript is type-checked and executed, `npx @switchyard/cli` lines are executed
 * in order, page by page, in a folder of their own, with the files that the page shows. A block that cannot be run says why in a comment before it.
 */
const root = join(import.meta.dirname, '..');
const command = join(root, 'packages', 'cli', 'bin', 'switchyard.js');
const workshop = join(root, 'tests', '.snippets');
const snippets = findSnippets(root); // @legacy
// The migration guide tells of earlier versions.
// @after-legacy: const snippets = findSnippets(root).filter(({ page }) => !page.includes('migrating-from'));
const ofLanguage = (...languages: string[]) =>
  snippets.filter(({ language, notRun }) => languages.includes(language) && notRun === null);

/** Lines of shell snippets that other tests and CI cover, or that only set the stage. */
const coveredElsewhere = /^(?:npm |cd |git |#|$)/;

/** Upper limit for all commands of a page, on a machine with other work. */
const PAGE_TIMEOUT_MS = 600_000;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'switchyard-snippets-'));
  rmSync(workshop, { recursive: true, force: true });
  mkdirSync(workshop, { recursive: true });
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  rmSync(workshop, { recursive: true, force: true });
});

it('finds the snippets of the README', () => {
  expect(snippets.filter(({ page }) => page === 'README.md').length).toBeGreaterThanOrEqual(3);
});

it('lists every language that is not run', () => {
  const known = ['ts', 'js', 'sh', 'mermaid', 'sql', 'json', 'text', 'yaml', 'ini', 'powershell'];
  expect(snippets.filter(({ language }) => !known.includes(language)).map(({ place }) => place)).toEqual([]);
});

describe('TypeScript', () => {
  const files = ofLanguage('ts').map((snippet, index) => ({ ...snippet, file: `snippet-${index}.ts` }));

  beforeAll(() => {
    for (const { file, code } of files) writeFileSync(join(workshop, file), `${code}\nexport {};\n`);
  });

  it('is correctly typed', () => {
    const config = { extends: '../../tsconfig.tests.json', include: ['*.ts'] };
    writeFileSync(join(workshop, 'tsconfig.json'), JSON.stringify(config));
    const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const report = compile(compiler);
    expect(report).toBe('');
  });

  it.each(files)('$place runs', async ({ file }) => {
    const before = process.cwd();
    process.chdir(mkdtempSync(join(folder, 'run-')));
    try {
      await expect(import(pathToFileURL(join(workshop, file)).href)).resolves.toBeDefined();
    } finally {
      process.chdir(before);
    }
  });
});

/** The compiler's complaints; empty without any. */
function compile(compiler: string): string {
  try {
    execFileSync(process.execPath, [compiler, '-p', workshop], { encoding: 'utf8', stdio: 'pipe' });
    return '';
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

it('saves every JavaScript snippet to a file, which the commands of its page use', () => {
  expect(ofLanguage('js').filter(({ file }) => file === null)).toEqual([]);
});

describe('shell', () => {
  const blocks = ofLanguage('sh');
  const pages = [...new Set(blocks.map(({ page }) => page))];

  it.each(pages)('%s', { timeout: PAGE_TIMEOUT_MS }, async (page) => {
    const cwd = mkdtempSync(join(folder, 'shell-'));
    // Packages are looked up from the working folder, as in a project that has them installed.
    installShortDocumentation(root, cwd, ['fastify', 'pino']);
    symlinkSync(join(root, 'node_modules', '@switchyard'), join(cwd, 'node_modules', '@switchyard'), 'dir');
    // The first example of the README indexes the documentation of this repository.
    if (page === 'README.md') symlinkSync(join(root, 'docs'), join(cwd, 'docs'), 'dir');
    for (const { file, code } of snippets.filter((snippet) => snippet.page === page)) {
      if (file !== null) writeFileSync(join(cwd, file), code);
    }
    // @legacy-begin
    // `migrate` is documented on a store that no snippet creates, because new stores have the latest level.
    if (page === 'docs/reference/cli.md') await makeOldStore(join(cwd, 'old.db'));
    // @legacy-end
    for (const { place, code } of blocks.filter((block) => block.page === page)) {
      for (const line of code.replaceAll(/\\\n\s*/g, ' ').split('\n')) {
        if (coveredElsewhere.test(line)) continue;
        expect(line, `${place} holds a line that no test runs`).toMatch(/^npx @switchyard\/cli /);
        await expect(run(line, cwd), `${place}: ${line}`).resolves.toBeDefined();
      }
    }
  });
});

/** Runs the line as a shell would, with the command of this repository in place of `npx @switchyard/cli`. */
function run(line: string, cwd: string): Promise<unknown> {
  const script = line.replace(/^npx @switchyard\/cli/, `"${process.execPath}" "${command}"`);
  return promisify(execFile)('sh', ['-c', script], { cwd });
}
