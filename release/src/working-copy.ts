import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, lstatSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { publicPackages } from './packages.js';

/**
 * Copies the files of a working tree that git tracks or would add, and the build outputs of the public packages, to a
 * folder that is a repository of its own. Packages that npm installed are linked.
 */
export function copyWorkingTree(root: string, target: string): void {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  for (const path of listed.split('\0').filter((name) => name !== '' && existsSync(join(root, name)))) {
    mkdirSync(dirname(join(target, path)), { recursive: true });
    if (lstatSync(join(root, path)).isFile()) cpSync(join(root, path), join(target, path));
  }
  for (const { folder } of publicPackages(root)) {
    const dist = join(folder.slice(root.length + 1), 'dist');
    cpSync(join(root, dist), join(target, dist), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(target, 'node_modules'), 'junction');
  for (const args of [
    ['init', '--quiet'],
    ['add', '--all'],
    ['commit', '--quiet', '--no-verify', '--message', 'Copy'],
  ]) {
    const identity = [
      '-c',
      'user.name=dry run',
      '-c',
      'user.email=dry-run@localhost',
      '-c',
      'commit.gpgsign=false',
    ];
    execFileSync('git', [...identity, ...args], { cwd: target, stdio: 'pipe' });
  }
}
