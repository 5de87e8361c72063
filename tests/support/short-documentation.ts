import { cpSync, mkdirSync, realpathSync, statSync } from 'node:fs';
import { basename, extname, join } from 'node:path';

/** Pages of more bytes are left out: embedding all of them takes a minute for each page of documentation that does so. */
const MAX_PAGE_BYTES = 4_500;

/**
 * Installs npm packages in the `node_modules` of a folder, each with its manifest and its shorter pages of documentation
 * only. The pages keep their names, so they are found under the same URLs.
 */
export function installShortDocumentation(root: string, folder: string, packages: readonly string[]): void {
  for (const name of packages) {
    const source = realpathSync(join(root, 'node_modules', name));
    const target = join(folder, 'node_modules', name);
    mkdirSync(target, { recursive: true });
    cpSync(source, target, { recursive: true, filter: isShort });
  }
}

function isShort(path: string): boolean {
  const stats = statSync(path);
  if (stats.isDirectory()) return basename(path) !== 'node_modules' && basename(path) !== 'test';
  return basename(path) === 'package.json' || (extname(path) === '.md' && stats.size <= MAX_PAGE_BYTES);
}
