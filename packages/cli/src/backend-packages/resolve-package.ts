import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Specifiers of files and folders, as opposed to names of packages. */
const PATH_LIKE = /^(?:\.{1,2}(?:[\\/]|$)|[\\/]|[a-z]:[\\/]|file:)/i;

/** Returns true for the path of a file or a folder, as opposed to the name of a package. */
export function isPath(specifier: string): boolean {
  return PATH_LIKE.test(specifier);
}

/**
 * Returns the URL of the module that a package, a file or a folder with a package stands for. Reads the file system, and
 * runs nothing.
 *
 * @param specifier Name of a package, or a path that begins with `.`, `/` or a drive.
 * @param folder Folder that paths are relative to, and in or above which packages are installed.
 * @throws Error if there is none.
 */
export async function resolvePackage(specifier: string, folder: string): Promise<string> {
  if (!isPath(specifier)) return resolveName(specifier, folder);
  const path = specifier.startsWith('file:') ? fileURLToPath(specifier) : resolve(folder, specifier);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new Error(`There is no ${path}.`);
  return found.isDirectory() ? resolveFolder(path) : pathToFileURL(path).href;
}

/** Resolves as an `import` in a module of that folder would: `require` ignores entries for `import` only. */
async function resolveName(specifier: string, folder: string): Promise<string> {
  const { resolve: resolveImport } = await import('import-meta-resolve');
  const url = resolveImport(specifier, pathToFileURL(join(folder, 'package.json')).href);
  if (!url.startsWith('file:')) throw new Error(`${specifier} is part of Node.js.`);
  if (statSync(fileURLToPath(url), { throwIfNoEntry: false }) === undefined) {
    throw new Error(`Its entry ${fileURLToPath(url)} does not exist.`);
  }
  return url;
}

function resolveFolder(folder: string): Promise<string> | string {
  const file = join(folder, 'package.json');
  const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const { name, exports } = manifest as { readonly name?: unknown; readonly exports?: unknown };
  // A package with `exports` resolves its own name.
  if (typeof name === 'string' && exports !== undefined) return resolveName(name, folder);
  return pathToFileURL(createRequire(file).resolve(folder)).href;
}
