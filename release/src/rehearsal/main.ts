import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { type Leftover, leftoversOf } from './leftovers.js';
import { LEGACY } from './legacy.js';
import { remove } from './removal.js';
import { formatReport, type Report } from './report.js';
import { runStep, type StepResult, stepsOf } from './steps.js';
import { linkModules, listFiles, readTree, writeTree } from './tree.js';

const HELP = `Removes the legacy store from a copy of the working tree, then builds and tests what remains.

  npm run rehearse:removal [-- OPTIONS]

  --list             prints what would be removed and what would be left over; copies nothing
  --short            install, lint, build, types and the tests of the tree itself; without the other tests
  --keep             keeps the copy, and prints its folder
  --json             prints one JSON object
  --help             prints this

Exit codes: 0 everything passed, 1 something is left over or failed, 2 usage.
`;

const root = realpathSync(join(import.meta.dirname, '../../..'));

function readOptions() {
  const flag = { type: 'boolean', default: false } as const;
  try {
    return parseArgs({ options: { list: flag, short: flag, keep: flag, json: flag, help: flag } }).values;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${HELP}`);
    process.exit(2);
  }
}

const options = readOptions();
if (options.help) process.stdout.write(HELP);
else await rehearse();

async function rehearse(): Promise<void> {
  const paths = listFiles(root);
  const removed = remove(readTree(root, paths), LEGACY);
  const isDeleted = (path: string) => LEGACY.paths.some((pattern) => pattern.test(path));
  const leftovers = leftoversOf(removed, LEGACY);
  const found = {
    deleted: paths.filter(isDeleted),
    edited: Object.fromEntries(removed.edited),
    leftovers,
  };
  if (options.list || leftovers.length > 0) return finish({ ...found, steps: [], folder: null });
  const parent = mkdtempSync(join(tmpdir(), 'switchyard-removal-'));
  const folder = join(parent, 'switchyard');
  try {
    mkdirSync(folder);
    writeTree(root, folder, paths, removed, isDeleted);
    linkModules(join(root, 'node_modules'), join(folder, 'node_modules'));
    // Stores and rankings of the application, which tests look for beside the repository.
    const shared = join(root, '../shared');
    if (existsSync(shared)) symlinkSync(shared, join(parent, 'shared'), 'junction');
    commit(folder);
    finish({ ...found, steps: await runSteps(folder, leftovers), folder: options.keep ? folder : null });
  } finally {
    if (!options.keep) rmSync(parent, { recursive: true, force: true });
  }
}

/** Runs the steps up to the first one that fails; tests and what follows them run in any case. */
async function runSteps(folder: string, leftovers: readonly Leftover[]): Promise<readonly StepResult[]> {
  const results: StepResult[] = [];
  if (leftovers.length > 0) return results;
  let isBuilt = true;
  for (const step of stepsOf(options.short)) {
    if (!isBuilt) break;
    process.stderr.write(`${step.name} …\n`);
    const result = await runStep(step, folder);
    results.push(result);
    if (!result.passed) process.stderr.write(`${result.output}\n`);
    isBuilt = results.every(({ passed, totals }) => passed || totals !== null);
  }
  return results;
}

/** Makes the copy a repository of its own, as tests and the release expect. */
function commit(folder: string): void {
  const identity = ['user.name=rehearsal', 'user.email=rehearsal@localhost', 'commit.gpgsign=false'];
  const git = (...args: string[]) =>
    execFileSync('git', [...identity.flatMap((setting) => ['-c', setting]), ...args], {
      cwd: folder,
      stdio: 'pipe',
    });
  git('init', '--quiet');
  git('add', '--all');
  git('commit', '--quiet', '--no-verify', '--message', 'Remove the legacy store');
}

function finish(report: Report): void {
  process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : formatReport(report));
  const hasFailed = report.leftovers.length > 0 || report.steps.some(({ passed }) => !passed);
  process.exitCode = hasFailed ? 1 : 0;
}
