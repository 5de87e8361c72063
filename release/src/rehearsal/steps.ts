import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { env, execPath } from 'node:process';
import { npm } from '../npm.js';

/** One command that must succeed in the tree without the legacy store. */
export interface Step {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** File in which vitest leaves its totals, by path from the root of the tree. */
  readonly totals?: string;
}

/** Numbers of tests. */
export interface Totals {
  readonly files: number;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Outcome of a step. */
export interface StepResult {
  readonly name: string;
  readonly passed: boolean;
  readonly seconds: number;
  readonly totals: Totals | null;
  /** Output of a step that failed; empty otherwise. */
  readonly output: string;
}

const TOTALS = 'node_modules/.rehearsal.json';

/** Tests of the tree itself: packages, documentation, workflows. They take seconds. */
const QUICK_TESTS = ['architecture', 'docs-map', 'manifests', 'public-names', 'reference-docs', 'workflow'];

/** Steps of a rehearsal in order. @param isShort Leaves out most tests, the demo, the evaluation and the tarballs. */
export function stepsOf(isShort: boolean): readonly Step[] {
  const run = (...args: string[]) => npm(['run', '--silent', ...args]);
  const steps: Step[] = [
    {
      name: 'install',
      ...npm(['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund']),
    },
    // Reports as `lint` does what it cannot format.
    { name: 'format and lint', ...run('format') },
    { name: 'build and types', ...run('typecheck') },
    // The table of results has a column for each backend.
    test('generated pages', ['tests/conformance-page.test.ts', '--update']),
    test('tests', isShort ? QUICK_TESTS.map((name) => `tests/${name}.test.ts`) : []),
  ];
  if (isShort) return steps;
  return [
    ...steps,
    { name: 'demo', ...run('demo') },
    { name: 'evaluation', ...run('evaluate:search', '--', '--short') },
    { name: 'tarballs', ...run('test:packed', '--', '--short') },
    { name: 'release', ...run('release:dry') },
    { name: 'API reference', ...run('docs:api') },
  ];
}

function test(name: string, files: readonly string[]): Step {
  const vitest = join('node_modules', 'vitest', 'vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${TOTALS}`];
  return { name, command: execPath, args: [vitest, 'run', ...files, ...reporters], totals: TOTALS };
}

/** Runs a step to its end. */
export async function runStep({ name, command, args, totals }: Step, cwd: string): Promise<StepResult> {
  const started = performance.now();
  const output: string[] = [];
  const code = await new Promise<number | null>((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env: plain(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => output.push(text));
    }
    child.on('error', (error) => output.push(error.message));
    child.on('close', resolve);
  });
  return {
    name,
    passed: code === 0,
    seconds: Math.round((performance.now() - started) / 100) / 10,
    totals: totals === undefined ? null : readTotals(join(cwd, totals)),
    output: code === 0 ? '' : output.join(''),
  };
}

/** The environment without the request for colors, which tests and checks of outputs do not expect. */
function plain(): NodeJS.ProcessEnv {
  const { FORCE_COLOR: _force, ...rest } = env;
  return { ...rest, NO_COLOR: '1' };
}

function readTotals(file: string): Totals | null {
  try {
    const json = JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, number>> & {
      readonly testResults: readonly unknown[];
    };
    const { numPassedTests: passed = 0, numFailedTests: failed = 0, numPendingTests: skipped = 0 } = json;
    return { files: json.testResults.length, passed, failed, skipped };
  } catch {
    return null; // vitest ended before its first test
  }
}
