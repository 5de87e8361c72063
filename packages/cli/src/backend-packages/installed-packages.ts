import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Maximum number of dependencies whose manifests are read. */
const MAX_DEPENDENCIES = 500;

type Manifest = Readonly<Record<string, unknown>>;

/**
 * Returns the names of installed dependencies that declare a scheme: `"switchyard": { "schemes": ["notes:"] }` in their
 * `package.json`. Reads manifests only, and runs nothing. Never throws.
 *
 * @param scheme Scheme without its colon.
 * @param folder Folder in or above which the `package.json` with the dependencies is.
 */
export function packagesFor(scheme: string, folder: string): readonly string[] {
  const home = foldersAbove(folder).find((one) => read(join(one, 'package.json')) !== null);
  if (home === undefined) return [];
  const manifest = read(join(home, 'package.json')) ?? {};
  const names = ['dependencies', 'optionalDependencies', 'devDependencies'].flatMap((key) =>
    Object.keys(objectIn(manifest[key])),
  );
  return [...new Set(names)]
    .slice(0, MAX_DEPENDENCIES)
    .filter((name) => schemesOf(name, home).some((one) => one.split(':')[0]?.toLowerCase() === scheme));
}

function schemesOf(name: string, folder: string): readonly string[] {
  const place = foldersAbove(folder).find(
    (one) => read(join(one, 'node_modules', name, 'package.json')) !== null,
  );
  if (place === undefined) return [];
  const { schemes } = objectIn(read(join(place, 'node_modules', name, 'package.json'))?.switchyard);
  return Array.isArray(schemes) ? schemes.filter((one): one is string => typeof one === 'string') : [];
}

function foldersAbove(folder: string): string[] {
  const above = dirname(folder);
  return above === folder ? [folder] : [folder, ...foldersAbove(above)];
}

function read(file: string): Manifest | null {
  try {
    return objectIn(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}

function objectIn(value: unknown): Manifest {
  return typeof value === 'object' && value !== null ? (value as Manifest) : {};
}
