import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Fields of a package.json that the release reads. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly sideEffects?: boolean | readonly string[];
  readonly files?: readonly string[];
  readonly [field: string]: unknown;
}

/** A package of this repository. */
export interface WorkspacePackage {
  /** Absolute path of its folder. */
  readonly folder: string;
  readonly manifest: Manifest;
}

/** Returns the packages that are published: every folder of `packages/` whose manifest is not private, by name. */
export function publicPackages(root: string): readonly WorkspacePackage[] {
  return readdirSync(join(root, 'packages'))
    .map((name) => join(root, 'packages', name))
    .filter((folder) => existsSync(join(folder, 'package.json')))
    .map((folder) => ({ folder, manifest: readManifest(folder) }))
    .filter(({ manifest }) => manifest.private !== true);
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

/** Returns the specifiers by which code is imported, such as `@switchyard/storage-core/backend`. */
export function entryPoints({ name, exports = {} }: Manifest): readonly string[] {
  return Object.keys(exports)
    .filter((path) => path !== './package.json')
    .map((path) => `${name}${path.slice(1)}`);
}

/**
 * Returns the packages with these names, and all packages of this repository that they require.
 *
 * @throws Error that lists the public packages, for an unknown name.
 */
export function requiredBy<P extends WorkspacePackage>(
  names: readonly string[],
  packages: readonly P[],
): readonly P[] {
  const byName = new Map(packages.map((found) => [found.manifest.name, found]));
  const unknown = names.find((name) => !byName.has(name));
  if (unknown !== undefined) {
    throw new Error(
      `There is no public package ${unknown}. The public packages: ${[...byName.keys()].join(', ')}`,
    );
  }
  const required = new Set<P>();
  const add = (found: P | undefined) => {
    if (found === undefined || required.has(found)) return;
    required.add(found);
    const { dependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = found.manifest;
    const peers = Object.keys(peerDependencies).filter(
      (peer) => peerDependenciesMeta[peer]?.optional !== true,
    );
    for (const other of [...Object.keys(dependencies), ...peers]) add(byName.get(other));
  };
  for (const name of names) add(byName.get(name));
  return [...required];
}
