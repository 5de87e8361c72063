import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { declared, exportedNames } from './support/declarations.js';
import { exampleModule, findExamples } from './support/examples.js';

/** Keeps the public API self-explanatory: every member has a comment, and every example runs. */
const root = join(import.meta.dirname, '..');
const workshop = join(import.meta.dirname, '.examples');

describe.each([
  'storage-core/dist/index.d.ts',
  'storage-core/dist/backend.d.ts',
  'backend-libsql/dist/bulk/index.d.ts',
])('%s', (entry) => {
  const names = exportedNames(join(root, 'packages', entry));

  it('has a doc comment on every name and every member', () => {
    const without = names.flatMap(declared).filter(({ comment }) => !comment);
    expect(without.map(({ name }) => name)).toEqual([]);
  });

  it('is read with its members, so that the test above can fail', () => {
    expect(names.flatMap(declared).length).toBeGreaterThan(names.length * 2);
  });
});

it('finds the members of a class, with and without a comment', () => {
  const file = join(root, 'packages/storage-core/dist/document-store/document-reader.d.ts');
  const members = declared({ name: 'DocumentReader', file });
  expect(members.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['DocumentReader', 'DocumentReader.backend', 'DocumentReader.pages']),
  );
});

describe('the examples of doc comments', () => {
  const toModule = exampleModule(root);
  const examples = findExamples(root).map((example, index) => ({ ...example, file: `example-${index}.ts` }));
  /** Registers tests, so that it cannot run inside of one. */
  const isOnlyTyped = ({ code }: { code: string }) => code.includes('defineBackendConformance(');
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-examples-'));

  rmSync(workshop, { recursive: true, force: true });
  mkdirSync(workshop);
  for (const example of examples) writeFileSync(join(workshop, example.file), toModule(example));

  afterAll(() => {
    rmSync(workshop, { recursive: true, force: true });
    rmSync(folder, { recursive: true, force: true });
  });

  it('are at least forty', () => {
    expect(examples.length).toBeGreaterThanOrEqual(40);
  });

  it('are correctly typed', () => {
    const compilerOptions = {
      noUnusedLocals: false,
      allowUnreachableCode: true,
      verbatimModuleSyntax: false,
    };
    const config = { extends: '../../tsconfig.tests.json', compilerOptions, include: ['*.ts'] };
    writeFileSync(join(workshop, 'tsconfig.json'), JSON.stringify(config));
    expect(compile()).toBe('');
  });

  it.each(examples.filter((example) => !isOnlyTyped(example)))('$place runs', async ({ file, code }) => {
    const before = process.cwd();
    process.chdir(folder);
    const printed = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    try {
      const module = (await import(pathToFileURL(join(workshop, file)).href)) as { default(): Promise<void> };
      const run = module.default();
      if (code.startsWith('throw ')) await expect(run).rejects.toThrow();
      else await run;
    } finally {
      printed.mockRestore();
      process.chdir(before);
    }
  });
});

/** The compiler's complaints; empty without any. */
function compile(): string {
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  try {
    execFileSync(process.execPath, [compiler, '-p', workshop], { encoding: 'utf8', stdio: 'pipe' });
    return '';
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}
