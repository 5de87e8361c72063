import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { applyVersion } from './apply-version.js';
import { packAll } from './pack.js';
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
  if (!readdirSync(changesets).some((name) => /^(?!README).*\.md$/.test(name))) {
    console.log('No changeset is pending; the dry run assumes a patch release.');
    writeFileSync(
      join(changesets, 'dry-run.md'),
      '---\n"@switchyard/storage-core": patch\n---\n\nDry run.\n',
    );
  }
  const version = applyVersion(copy, new Date().toISOString().slice(0, 10));
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
