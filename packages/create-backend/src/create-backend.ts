import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CreateError } from './create-error.js';
import { type BackendNames, resolveNames } from './names.js';
import { packageVersion } from './package-version.js';

const template = fileURLToPath(new URL('../template', import.meta.url));

/** Request for a new backend. */
export interface CreateBackendOptions {
  /** Folder of the package; created if absent. It must be empty, except for `.git`. */
  readonly folder: string;
  /** Name of the package. Default: the name of the folder, in lower case. */
  readonly name?: string | undefined;
  /** Scheme of its connection strings. Default: the name of the package without scope and the words switchyard and backend. */
  readonly scheme?: string | undefined;
}

/** A backend that was created. */
export interface CreatedBackend {
  /** Absolute path of its folder. */
  readonly folder: string;
  /** Name of the package. */
  readonly name: string;
  /** Scheme of its connection strings. */
  readonly scheme: string;
  /** Files that were written, relative to the folder. */
  readonly files: readonly string[];
}

/**
 * Writes the beginning of a backend into an empty folder: the ports as methods to fill, and the conformance suite.
 *
 * @throws CreateError
 *
 * @example
 * ```ts
 * const { name, files } = createBackend({ folder: 'my-shelf', scheme: 'shelf' });
 * console.log(name, files.length); // my-shelf, the number of files
 * ```
 */
export function createBackend({ folder, ...given }: CreateBackendOptions): CreatedBackend {
  const home = resolve(folder);
  const names = resolveNames(basename(home), given);
  requireEmpty(home);
  const files = readdirSync(template, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(template, path)).isFile() && !isLeftover(path))
    .map((path) => ({ path: targetOf(path), text: filled(path, names) }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  try {
    for (const { path, text } of files) {
      mkdirSync(dirname(join(home, path)), { recursive: true });
      writeFileSync(join(home, path), text, { flag: 'wx' });
    }
  } catch (error) {
    throw new CreateError(
      'CREATE_FILE',
      `The files could not be written to ${home}: ${(error as Error).message}`,
      'Check the permissions of the folder, remove what was written, and try again.',
      error,
    );
  }
  return {
    folder: home,
    name: names.packageName,
    scheme: names.scheme,
    files: files.map(({ path }) => path),
  };
}

function requireEmpty(home: string): void {
  if (!existsSync(home)) return;
  const found = statSync(home).isDirectory() ? readdirSync(home).filter((name) => name !== '.git') : null;
  if (found?.length === 0) return;
  throw new CreateError(
    'CREATE_FOLDER_NOT_EMPTY',
    found === null ? `${home} is a file.` : `${home} is not empty: it contains ${listed(found)}.`,
    'Choose a folder that does not exist yet or is empty.',
  );
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(', ');
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
}

/** Files that a run of the template itself leaves, in the repository. */
function isLeftover(path: string): boolean {
  return /^(?:node_modules|dist)(?:[\\/]|$)/.test(path);
}

/** npm leaves `.gitignore` out of packages, and tools take a nested package.json for that of a package. */
const renamed = new Map([
  ['_gitignore', '.gitignore'],
  ['_package.json', 'package.json'],
]);

function targetOf(path: string): string {
  return renamed.get(path) ?? path.replaceAll('\\', '/');
}

/** The template is a working package of its own; its names are replaced by those of the new one. */
function filled(path: string, { packageName, scheme, className }: BackendNames): string {
  const text = readFileSync(join(template, path), 'utf8');
  const named = text
    .replaceAll('template-backend', packageName)
    .replaceAll('TemplateBackend', `${className}Backend`)
    .replaceAll('templateBackend', `${className.charAt(0).toLowerCase()}${className.slice(1)}Backend`)
    .replaceAll('template-scheme', scheme);
  return path === '_package.json' ? withVersions(named) : named;
}

/** All packages of Switchyard have one version, so the version of this one fits the others. */
function withVersions(manifest: string): string {
  return manifest.replaceAll(/("@switchyard\/[\w-]+": )"\*"/g, `$1"^${packageVersion()}"`);
}
