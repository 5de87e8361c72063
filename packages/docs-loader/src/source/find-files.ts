import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { unreadable, type WarningSink } from './warnings.js';

/** Matches names of documentation files. */
const documentation = /\.(?:md|mdx|markdown|txt)$/i;

/**
 * Lists the documentation files under a folder as relative paths with `/`, ordered by name, files before folders. Skips
 * `node_modules` and names that begin with a dot; does not follow symbolic links.
 */
export async function findFiles(
  root: string,
  accept: (path: string) => boolean,
  warn: WarningSink,
): Promise<string[]> {
  const found: string[] = [];
  await walk(root, '', found, accept, warn);
  return found;
}

async function walk(
  root: string,
  folder: string,
  found: string[],
  accept: (path: string) => boolean,
  warn: WarningSink,
): Promise<void> {
  let entries: Dirent[];
  try {
    entries = await readdir(join(root, folder), { withFileTypes: true });
  } catch (error) {
    // The caller reports an unreadable root.
    if (folder === '') throw error;
    return warn(unreadable(folder, error));
  }
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  const folders: string[] = [];
  for (const entry of entries) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.name === 'node_modules' || entry.name.startsWith('.')) continue;
    if (entry.isDirectory()) folders.push(path);
    else if (entry.isSymbolicLink()) reportLink(path, accept, warn);
    else if (entry.isFile() && documentation.test(path) && accept(path)) found.push(path);
  }
  for (const path of folders) await walk(root, path, found, accept, warn);
}

/** Reports links to documentation, and links without an extension, which may be folders full of documentation. */
function reportLink(path: string, accept: (path: string) => boolean, warn: WarningSink): void {
  const mayHoldDocumentation = documentation.test(path) || !/\.[^/.]+$/.test(path);
  if (mayHoldDocumentation && accept(path)) {
    warn({ reason: 'symlink', path, message: `${path} is a symbolic link and was not followed.` });
  }
}
