import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { packAll, type Tarball } from '../pack.js';
import { createProject, installTarballs, optionalPeers } from '../packed/project.js';
import { installRuntime, ownRuntime, type Runtime } from '../packed/runtimes.js';
import { type Outcome, type Row, runContract, versionOf } from './contract.js';
import { legacyRows } from './legacy/legacy-rows.js'; // @legacy
import { formatTable, writeTable } from './table.js';

const HELP = `Runs the contract tests of one installation on several versions of Node.js.

  npm run test:node-versions [-- OPTIONS]

  --node MAJOR     version to run on, besides the one that runs this; repeatable. Default: 22, 24 and 26
  --libsql         without the legacy stores
  --write          writes the table into docs/concepts/node-versions.md
  --keep           keeps the installations, and prints their folder
`;

const root = join(import.meta.dirname, '../../..');
const { values } = parseArgs({
  options: {
    node: { type: 'string', multiple: true, default: ['22', '24', '26'] },
    libsql: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const temporary = values.help ? '' : mkdtempSync(join(tmpdir(), 'switchyard-node-versions-'));

function folder(name: string): string {
  const path = join(temporary, name);
  mkdirSync(path);
  return path;
}

/** Installs everything that needs no native code to be compiled, once. */
async function libsqlRows(tarballs: readonly Tarball[]): Promise<readonly Row[]> {
  const project = folder('libsql');
  createProject(root, project, tarballs);
  const optional = optionalPeers(tarballs);
  await installTarballs(
    project,
    tarballs.filter(({ manifest }) => !optional.includes(manifest.name)),
  );
  const driver = versionOf(join(project, 'node_modules/libsql'));
  const row = { project, backend: ['@switchyard/backend-libsql', 'libsqlBackend', 'file:'] as const };
  const groups = ['lifecycle', 'calls', 'capabilities', 'atomicity', 'persistence', 'maintenance'];
  return [
    { ...row, title: `libsql ${driver}, file`, options: '', groups: [] },
    { ...row, title: `libsql ${driver}, file, \`isolation=process\``, options: '?isolation=process', groups },
  ];
}

async function runRow(row: Row, runtimes: readonly Runtime[]): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const runtime of runtimes) {
    const started = performance.now();
    const outcome = await runContract(row, runtime);
    const seconds = Math.round((performance.now() - started) / 1000);
    console.log(`${row.title}, ${runtime.name}: ${JSON.stringify(outcome)} (${seconds} s)`);
    outcomes.push(outcome);
  }
  return outcomes;
}

async function main(): Promise<void> {
  const tarballs = await packAll(root, folder('tarballs'));
  const home = folder('runtimes');
  const runtimes = [ownRuntime(), ...values.node.map((major) => installRuntime(major, home))];
  const rows = [...(await libsqlRows(tarballs))];
  const mustBeGreen = rows.length;
  if (!values.libsql) rows.push(...(await legacyRows(root, temporary, tarballs))); // @legacy
  const results: (readonly Outcome[])[] = [];
  for (const row of rows) results.push(await runRow(row, runtimes));
  const table = formatTable(
    runtimes.map(({ name }) => name),
    rows.map(({ title }, index) => ({ title, outcomes: results[index] ?? [] })),
  );
  console.log(`\n${table}`);
  const page = join(root, 'docs/concepts/node-versions.md');
  if (values.write) writeFileSync(page, writeTable(readFileSync(page, 'utf8'), table));
  if (!results.slice(0, mustBeGreen).every((outcomes) => outcomes.every(isGreen))) process.exitCode = 1;
}

function isGreen(outcome: Outcome): boolean {
  return outcome.type === 'counted' && outcome.failed.length === 0;
}

if (values.help) console.log(HELP);
else {
  try {
    await main();
  } finally {
    if (values.keep) console.log(temporary);
    else rmSync(temporary, { recursive: true, force: true });
  }
}
