import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Copies the binary of better-sqlite3 that was built in the repository, because projects are installed without install
 * scripts. Does nothing for another version, such as 13, which contains its binaries.
 */
export function copyAddon(root: string, project: string): void {
  const [from, to] = [root, project].map((home) => join(home, 'node_modules', 'better-sqlite3')) as [
    string,
    string,
  ];
  if (versionOf(from) !== versionOf(to) || !existsSync(join(from, 'build'))) return;
  cpSync(join(from, 'build'), join(to, 'build'), { recursive: true });
}

/** Returns the version of an installed package. */
export function versionOf(folder: string): string {
  return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }).version;
}
