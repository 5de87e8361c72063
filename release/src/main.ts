import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { packAll } from './pack.js';
import { requiredBy } from './packages.js';

// `npm run pack [-- FOLDER] [--for PACKAGE]…`: writes the tarballs of all public packages, by default to `tarballs/`, and
// prints the command that installs one or more of them in another project.
const { values, positionals } = parseArgs({
  options: { for: { type: 'string', multiple: true, default: ['@switchyard/switchyard'] } },
  allowPositionals: true,
});
const root = join(import.meta.dirname, '../..');
const folder = resolve(positionals[0] ?? join(root, 'tarballs'));
mkdirSync(folder, { recursive: true });
const tarballs = await packAll(root, folder);
for (const { manifest, size, unpackedSize, files } of tarballs) {
  const kilobytes = [size, unpackedSize].map((bytes) => `${Math.round(bytes / 1000)} kB`.padStart(8));
  console.log(`${manifest.name.padEnd(36)} ${kilobytes.join(' packed ')} unpacked ${files.length} files`);
}
console.log(`${tarballs.length} tarballs in ${folder}`);
const install = requiredBy(values.for, tarballs).map(({ file }) => `  ${file}`);
console.log(
  `\nTo use ${values.for.join(' and ')} in another project, run there:\n\nnpm install \\\n${install.join(' \\\n')}`,
);
