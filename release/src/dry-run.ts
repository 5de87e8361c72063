import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { applyVersion } from './apply-version.js';
import { packAll } from './pack.js';
import { publicPackages } from './packages.js';
import { copyWorkingTree } from './working-copy.js';

// `npm run release:dry`: versions and packs a copy of this working tree, as a release would, and publishes nothing.
const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'switchyard-release-'));
try {
  const copy = join(folder, 'repository');
  const tarballs = join(folder, 'tarballs');
  for (const path of [copy, tarballs]) mkdirSync(path);
  copyWorkingTree(root, copy);
  const changesets = join(copy, '.changeset');
  const assumed = !readdirSync(changesets).some((name) => /^(?!README).*\.md$/.test(name));
  if (assumed) {
    console.log('No changeset is pending; the dry run assumes a minor release.');
    writeFileSync(
      join(changesets, 'dry-run.md'),
      '---\n"@switchyard/storage-core": minor\n---\n\nDry run.\n',
    );
  }
  const current = publicPackages(copy)[0]?.manifest.version ?? '';
  const version = applyVersion(copy, new Date().toISOString().slice(0, 10));
  const [major, minor] = current.split('.').map(Number);
  const expected = `${major}.${Number(minor) + 1}.0`;
  if (assumed && version !== expected) throw new Error(`A minor release after ${current} became ${version}.`);
  const packed = await packAll(copy, tarballs);
  const wrong = packed.flatMap(({ file, manifest }) => [
    ...(file.endsWith(`-${version}.tgz`) ? [] : [file]),
    ...Object.entries({ ...manifest.dependencies, ...manifest.peerDependencies })
      .filter(([name, range]) => name.startsWith('@switchyard/') && range !== version)
      .map(([name, range]) => `${manifest.name} needs ${name}@${range}`),
  ]);
  if (wrong.length > 0) throw new Error(`Not at ${version}: ${wrong.join(', ')}`);
  for (const { manifest, size } of packed) {
    console.log(`${manifest.name}@${version} ${Math.round(size / 1000)} kB`);
  }
  console.log(`${packed.length} packages at ${version}; nothing was published, and this tree is as it was.`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
