import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { packAll, type Tarball } from '../pack.js';
import { type Check, checkTypes, modelCheck, quickChecks } from './checks.js';
import { legacyCheck, provideAddon } from './legacy/legacy-check.js'; // @legacy
import { createProject, installTarballs, linkTools, optionalPeers } from './project.js';
import { installRuntime, ownRuntime, type Runtime } from './runtimes.js';
import { templateSteps } from './template.js';
import { checkWithoutOptional } from './without-optional.js';

const HELP = `Packs every public package, installs the tarballs into an empty project, and uses them there.

  npm run test:packed [-- OPTIONS]

  --short            without the offline model and the legacy store
  --runtime SPEC     also with this runtime from npm: a major version of Node.js, such as 24, or bun or deno; repeatable
  --keep             keeps the project, and prints its folder
`;

const root = join(import.meta.dirname, '../../..');
const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    runtime: { type: 'string', multiple: true, default: [] },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

let failed = 0;
let passed = 0;

/** Runs one check and prints a line about it. */
async function report(name: string, run: () => Promise<string>): Promise<void> {
  const started = performance.now();
  const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
  try {
    console.log(`  ok    ${name}: ${await run()} (${seconds()})`);
    passed += 1;
  } catch (error) {
    failed += 1;
    console.log(`  FAILS ${name} (${seconds()})\n${indent(describe(error))}`);
  }
}

function describe(error: unknown): string {
  const { message, stdout = '', stderr = '' } = error as Error & { stdout?: string; stderr?: string };
  return [message, stdout, stderr].filter((text) => text.trim() !== '').join('\n');
}

function indent(text: string): string {
  const lines = text.trim().split('\n');
  return lines
    .slice(0, 30)
    .map((line) => `        ${line}`)
    .join('\n');
}

async function checkRuntime(runtime: Runtime, project: string, tarballs: readonly Tarball[]): Promise<void> {
  console.log(runtime.name);
  const checks: Check[] = [...quickChecks];
  if (!values.short) {
    checks.push(modelCheck);
    checks.push(legacyCheck); // @legacy
    await provideAddon(root, project, runtime); // @legacy
    linkTools(root, project, tarballs); // npm deletes links that it does not know
  }
  for (const [index, check] of checks.entries()) {
    // A folder below the project, so that each run starts without files and still finds the packages.
    const folder = join(project, 'runs', `${runtime.name.replace(' ', '-')}-${index}`);
    mkdirSync(folder, { recursive: true });
    await report(check.name, () => check.run(runtime, project, folder));
  }
}

if (values.help) {
  console.log(HELP);
} else {
  const temporary = mkdtempSync(join(tmpdir(), 'switchyard-packed-'));
  const folder = (name: string) => {
    const path = join(temporary, name);
    mkdirSync(path);
    return path;
  };
  try {
    const tarballs = await packAll(root, folder('tarballs'));
    const bytes = tarballs.reduce((sum, { size }) => sum + size, 0);
    console.log(`${tarballs.length} tarballs, ${Math.round(bytes / 1000)} kB`);
    const project = folder('project');
    createProject(root, project, tarballs);
    const optional = tarballs
      .map(({ manifest }) => manifest.name)
      .filter((name) => optionalPeers(tarballs).includes(name));
    const isOptional = ({ manifest }: Tarball) => optional.includes(manifest.name);
    await installTarballs(
      project,
      tarballs.filter((tarball) => !isOptional(tarball)),
    );
    await report('without optional packages', () => checkWithoutOptional(project, optional));
    await installTarballs(project, tarballs.filter(isOptional));
    linkTools(root, project, tarballs);
    await report('types', () => checkTypes(root, project));
    await checkRuntime(ownRuntime(), project, tarballs);
    console.log("A backend of one's own, from an empty folder");
    const switchyard = join(project, 'node_modules', '@switchyard', 'cli', 'bin', 'switchyard.js');
    for (const step of templateSteps(root, folder('author'), switchyard, tarballs))
      await report(step.name, step.run);
    const runtimes = folder('runtimes');
    for (const spec of values.runtime) await checkRuntime(installRuntime(spec, runtimes), project, tarballs);
    console.log(`${passed} passed, ${failed} failed`);
  } finally {
    if (values.keep) console.log(temporary);
    else rmSync(temporary, { recursive: true, force: true });
  }
  if (failed > 0) process.exitCode = 1;
}
