import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { promisify } from 'node:util';
import { npm } from '../npm.js';
import type { Tarball } from '../pack.js';
import { requiredBy } from '../packages.js';
import { installTarballs } from './project.js';

const exec = promisify(execFile);
/** Generous, because machines may be busy; a step that hangs must end all the same. */
const TIMEOUT_MS = 300_000;
const SCHEME = 'shelf';

/** One step of an author's way from an empty folder to a green suite. */
export interface TemplateStep {
  readonly name: string;
  /** Returns what was found, for the report; throws if the step does not work. */
  run(): Promise<string>;
}

/**
 * Returns the steps of an author, in order: creates a backend from the tarballs, installs them, and fills the methods with
 * those of `packages/create-backend/solution`.
 *
 * @param root Root of the repository.
 * @param folder Empty folder outside of the repository.
 * @param command Script of the switchyard command, installed from its tarball.
 */
export function templateSteps(
  root: string,
  folder: string,
  command: string,
  tarballs: readonly Tarball[],
): readonly TemplateStep[] {
  const home = join(folder, 'my-shelf');
  const solution = join(root, 'packages', 'create-backend', 'solution', 'src');
  const test = join(home, 'test', 'conformance.test.ts');
  const fill = (...paths: readonly string[]) => {
    for (const path of paths) copyFilled(join(solution, path), join(home, 'src', path));
  };
  const edit = (pattern: RegExp, replacement: string) => {
    const text = readFileSync(test, 'utf8');
    const edited = text.replaceAll(pattern, replacement);
    if (edited === text) throw new Error(`The test of the template has no ${pattern}.`);
    writeFileSync(test, edited);
  };
  return [
    {
      name: 'scaffold',
      async run() {
        const [creator] = requiredBy(['@switchyard/create-backend'], tarballs);
        const { command, args } = npm([
          'exec',
          '--yes',
          '--prefer-offline',
          `--package=${creator?.file}`,
          '--',
          'create-backend',
          'my-shelf',
          '--scheme',
          SCHEME,
          '--json',
        ]);
        const { stdout } = await exec(command, args, { cwd: folder, timeout: TIMEOUT_MS });
        const { files } = JSON.parse(stdout) as { files: string[] };
        if (!files.includes('.gitignore')) throw new Error('There is no .gitignore.');
        return `${files.length} files`;
      },
    },
    {
      name: 'install',
      async run() {
        const needed = requiredBy(['@switchyard/storage-conformance', '@switchyard/fts-text'], tarballs);
        await installTarballs(home, needed, ['--save-dev']);
        return `${needed.length} tarballs and the tools`;
      },
    },
    { name: 'types', run: () => checkTypes(home) },
    {
      name: 'first green contract test',
      async run() {
        const { passed, failed, messages } = await runSuite(home);
        const unclear = messages.filter(
          (message) => !/is not written yet: step \d of the guide/.test(message),
        );
        if (passed === 0 || failed === 0 || unclear.length > 0) {
          throw new Error(`${passed} passed, ${failed} failed; ${unclear.join('\n')}`);
        }
        return `${passed} green, ${failed} red and name the method to write`;
      },
    },
    {
      name: 'first group',
      async run() {
        fill('lookup.ts', 'store.ts', 'apply.ts', 'inspect.ts', 'ports/catalog.ts');
        return describe(await runSuite(home));
      },
    },
    {
      name: 'groups of steps 1 and 2',
      async run() {
        edit(/^ {2}\/\/ (?='.*step 2:)/gm, '  ');
        return describe(await runSuite(home));
      },
    },
    {
      name: 'full suite',
      async run() {
        fill(...filesIn(solution));
        edit(/^ {2}groups,$/gm, '');
        return `${await checkTypes(home)}, ${describe(await runSuite(home))}`;
      },
    },
    {
      name: 'in the command',
      async run() {
        const { command: program, args } = npm(['run', '--silent', 'build']);
        await exec(program, args, { cwd: home, timeout: TIMEOUT_MS });
        const store = [`${SCHEME}:docs`, '--backend', '.', '--json'];
        const { stdout } = await exec(execPath, [command, 'doctor', ...store], {
          cwd: home,
          timeout: TIMEOUT_MS,
        });
        if (!stdout.includes(`"${SCHEME}"`)) throw new Error(`doctor printed ${stdout}`);
        return 'doctor opens a store of it';
      },
    },
  ];
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    statSync(join(folder, path)).isFile(),
  );
}

function copyFilled(from: string, to: string): void {
  mkdirSync(join(to, '..'), { recursive: true });
  cpSync(from, to);
  writeFileSync(to, readFileSync(to, 'utf8').replaceAll('template-scheme', SCHEME));
}

async function checkTypes(home: string): Promise<string> {
  const compiler = join(home, 'node_modules', 'typescript', 'bin', 'tsc');
  await exec(execPath, [compiler], { cwd: home, timeout: TIMEOUT_MS });
  return 'strict';
}

interface SuiteResult {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly messages: readonly string[];
}

/** Parts of the report of vitest's reporter `json`. */
interface VitestReport {
  readonly numTotalTests: number;
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly {
      readonly status: 'passed' | 'failed' | 'skipped' | 'pending' | 'todo';
      readonly title: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

/** Runs the tests of the new backend, red or green. */
async function runSuite(home: string): Promise<SuiteResult> {
  const vitest = join(home, 'node_modules', 'vitest', 'vitest.mjs');
  const file = join(home, 'report.json');
  const args = [vitest, 'run', '--reporter=json', `--outputFile=${file}`];
  await exec(execPath, args, { cwd: home, timeout: TIMEOUT_MS, maxBuffer: 2 ** 26 }).catch(() => undefined);
  const report = JSON.parse(readFileSync(file, 'utf8')) as VitestReport;
  const all = report.testResults.flatMap(({ assertionResults }) => assertionResults);
  // The suite ends with a test that only counts.
  const tests = all.filter(({ title }) => !title.startsWith('[count]'));
  if (tests.length === 0) throw new Error(report.testResults.map(({ message }) => message).join('\n'));
  const having = (status: string) => tests.filter((test) => test.status === status);
  const failed = having('failed');
  const [passed, skipped] = [having('passed').length, tests.length - having('passed').length - failed.length];
  const messages = failed.map(({ title, failureMessages }) => `${title}: ${failureMessages.join('\n')}`);
  return { passed, failed: failed.length, skipped, messages };
}

/** @throws Error unless every test passed or was skipped for a reason. */
function describe({ passed, failed, skipped, messages }: SuiteResult): string {
  if (failed > 0 || passed === 0) throw new Error(messages.join('\n'));
  return `${passed} green, ${skipped} not declared`;
}
