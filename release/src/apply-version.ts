import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { closeUnreleased } from './changelog.js';
import { npm } from './npm.js';
import type { Manifest } from './packages.js';

type Peers = Readonly<Record<string, string>>;

/** A manifest in the course of a version change. */
interface Versioned {
  readonly file: string;
  readonly text: string;
  /** Its peers among the packages of this repository. */
  readonly peers: Peers;
}

/**
 * Gives all packages of a working tree the version that the pending changesets ask for, closes the section "Unreleased"
 * of the changelog, and updates the lock file. Commits nothing.
 *
 * @returns The new version.
 * @throws Error if no changeset is pending.
 */
export function applyVersion(root: string, date: string): string {
  const pending = readdirSync(join(root, '.changeset')).filter((name) => /^(?!README).*\.md$/.test(name));
  if (pending.length === 0) {
    throw new Error('There is no changeset, so nothing says which version comes next: run `npx changeset`.');
  }
  const manifests = readManifests(root);
  // changesets takes any change of an exact peer for a breaking one, and would raise every package to the next major.
  for (const { file, text, peers } of manifests) writeFileSync(file, withPeers(text, peers, null));
  let version = '';
  try {
    execFileSync(execPath, [join(root, 'node_modules/@changesets/cli/bin.js'), 'version'], {
      cwd: root,
      stdio: 'pipe',
    });
    version = manifestIn(join(root, 'packages/storage-core')).version;
  } finally {
    for (const { file, text, peers } of manifests) {
      const current = version === '' ? text : withPeers(readFileSync(file, 'utf8'), peers, version);
      writeFileSync(file, current);
    }
  }
  const rootFile = join(root, 'package.json');
  writeFileSync(rootFile, format({ ...manifestIn(root), version }));
  const changelog = join(root, 'CHANGELOG.md');
  writeFileSync(changelog, closeUnreleased(readFileSync(changelog, 'utf8'), version, date));
  const { command, args } = npm([
    'install',
    '--package-lock-only',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--prefer-offline',
  ]);
  execFileSync(command, args, { cwd: root, stdio: 'pipe' });
  return version;
}

function readManifests(root: string): readonly Versioned[] {
  return readdirSync(join(root, 'packages')).map((name) => {
    const file = join(root, 'packages', name, 'package.json');
    const text = readFileSync(file, 'utf8');
    const all = Object.entries((JSON.parse(text) as Manifest).peerDependencies ?? {});
    return { file, text, peers: Object.fromEntries(all.filter(([peer]) => peer.startsWith('@switchyard/'))) };
  });
}

/** Sets the peers to a version, or removes them if it is null; other peers and the order of fields stay. */
function withPeers(text: string, peers: Peers, version: string | null): string {
  const names = Object.keys(peers);
  if (names.length === 0) return text;
  const manifest = JSON.parse(text) as Manifest;
  const others = Object.entries(manifest.peerDependencies ?? {}).filter(([name]) => !names.includes(name));
  const own = version === null ? [] : names.map((name) => [name, version] as const);
  return format({ ...manifest, peerDependencies: Object.fromEntries([...own, ...others]) });
}

function manifestIn(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

function format(manifest: Manifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}
