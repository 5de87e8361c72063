import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { npm } from './npm.js';
import { publicPackages, type WorkspacePackage } from './packages.js';
import { staleOutputs } from './stale-outputs.js';

/** A packed package. */
export interface Tarball extends WorkspacePackage {
  /** Absolute path of the tarball. */
  readonly file: string;
  /** Size of the tarball in bytes. */
  readonly size: number;
  readonly unpackedSize: number;
  /** Paths of the packed files, relative to the package. */
  readonly files: readonly string[];
}

interface PackReport {
  readonly name: string;
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

/**
 * Packs every public package, which must be built. Compiled files without a source are deleted first.
 *
 * @param root Root of the repository, or of a copy.
 * @param folder Existing folder that receives the tarballs.
 */
export async function packAll(root: string, folder: string): Promise<readonly Tarball[]> {
  const packages = publicPackages(root);
  for (const { folder: home } of packages) {
    for (const path of staleOutputs(home)) rmSync(join(home, path));
  }
  const { command, args } = npm([
    'pack',
    '--json',
    '--ignore-scripts',
    '--pack-destination',
    folder,
    ...packages.flatMap(({ manifest }) => ['--workspace', manifest.name]),
  ]);
  const { stdout } = await promisify(execFile)(command, args, { cwd: root, maxBuffer: 2 ** 26 });
  // A list up to npm 11.5, later an object by package name.
  const reports = Object.values(JSON.parse(stdout) as Record<string, PackReport>);
  return packages.map((found) => {
    const report = reports.find(({ name }) => name === found.manifest.name);
    if (report === undefined) throw new Error(`npm did not pack ${found.manifest.name}.`);
    return {
      ...found,
      file: join(folder, report.filename),
      size: report.size,
      unpackedSize: report.unpackedSize,
      files: report.files.map(({ path }) => path),
    };
  });
}
