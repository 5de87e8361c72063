import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Removed, Tree } from './removal.js';

const TEXT =
  /\.(?:[cm]?[jt]s|json|jsonl|md|ya?ml|html|css|sql|txt|wat|svg|npmrc)$|(?:^|\/)(?:run|LICENSE|\.\w+)$/;

/** Paths of the files that git tracks or would add. */
export function listFiles(root: string): readonly string[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  return listed.split('\0').filter((path) => path !== '' && existsSync(join(root, path)));
}

/** Reads the text files among these. */
export function readTree(root: string, paths: readonly string[]): Tree {
  const isText = (path: string) => TEXT.test(path) && lstatSync(join(root, path)).isFile();
  return new Map(paths.filter(isText).map((path) => [path, readFileSync(join(root, path), 'utf8')]));
}

/** Writes what remains of a tree to another folder, including the files that are not text. */
export function writeTree(
  root: string,
  target: string,
  paths: readonly string[],
  removed: Removed,
  isDeleted: (path: string) => boolean,
): void {
  for (const path of paths.filter((one) => !isDeleted(one))) {
    const to = join(target, path);
    mkdirSync(dirname(to), { recursive: true });
    if (lstatSync(join(root, path)).isSymbolicLink()) symlinkSync(readlinkSync(join(root, path)), to);
    else copyFileSync(join(root, path), to); // with its mode
    if (removed.edited.has(path)) writeFileSync(to, removed.tree.get(path) ?? '');
  }
}

/**
 * Gives a folder the installed packages of another one as hard links, which take no time and no space. Files that npm
 * rewrites in place are copied.
 */
export function linkModules(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) linkModules(source, target);
    else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else if (entry.name === '.package-lock.json' || entry.name === 'package.json')
      copyFileSync(source, target);
    else linkOrCopy(source, target);
  }
}

function linkOrCopy(source: string, target: string): void {
  try {
    linkSync(source, target);
  } catch {
    copyFileSync(source, target); // another file system
  }
}
