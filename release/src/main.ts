import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { argv } from 'node:process';
import { packAll } from './pack.js';

// `npm run pack [-- FOLDER]`: writes the tarballs of all public packages, by default to `tarballs/`.
const root = join(import.meta.dirname, '../..');
const folder = resolve(argv[2] ?? join(root, 'tarballs'));
mkdirSync(folder, { recursive: true });
const tarballs = await packAll(root, folder);
for (const { manifest, size, unpackedSize, files } of tarballs) {
  const kilobytes = [size, unpackedSize].map((bytes) => `${Math.round(bytes / 1000)} kB`.padStart(8));
  console.log(`${manifest.name.padEnd(36)} ${kilobytes.join(' packed ')} unpacked ${files.length} files`);
}
console.log(`${tarballs.length} tarballs in ${folder}`);
