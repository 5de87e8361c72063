import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { npm } from '../../npm.js';
import type { Tarball } from '../../pack.js';
import { copyAddon, versionOf } from '../../packed/legacy/addon.js';
import { createProject, installTarballs } from '../../packed/project.js';
import type { Row } from '../contract.js';

/** Installs the legacy backend with each version of its driver that it accepts, on the Node.js that runs this. */
export async function legacyRows(
  root: string,
  folder: string,
  tarballs: readonly Tarball[],
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const major of ['12', '13']) rows.push(await legacyRow(root, folder, tarballs, major));
  return rows;
}

async function legacyRow(
  root: string,
  folder: string,
  tarballs: readonly Tarball[],
  major: string,
): Promise<Row> {
  const project = join(folder, `better-sqlite3-${major}`);
  mkdirSync(project);
  createProject(root, project, tarballs);
  await installTarballs(project, tarballs);
  const options = ['--no-audit', '--no-fund', '--ignore-scripts'];
  const { command, args } = npm(['install', ...options, `better-sqlite3@${major}`]);
  await promisify(execFile)(command, args, { cwd: project });
  copyAddon(root, project);
  const home = join(project, 'node_modules', 'better-sqlite3');
  const built = existsSync(join(home, 'build'))
    ? `, compiled on Node.js ${process.versions.node.split('.')[0]}`
    : '';
  return {
    title: `better-sqlite3 ${versionOf(home)}${built}, file`,
    project,
    backend: ['@switchyard/backend-sqlite-vec', 'sqliteVecBackend', 'sqlite-vec:'],
    options: '',
    groups: [],
  };
}
