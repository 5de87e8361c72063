import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rootFolder } from './corpus/install.js';
import { makePictures } from './pictures/make-pictures.js';

/** `npm run bench:pictures`: redraws the pictures of docs/benchmarks.md and writes its ten figures, from its tables. */
const docs = join(rootFolder, 'docs');
const file = join(docs, 'benchmarks.md');
const { page, images } = makePictures(readFileSync(file, 'utf8'));
writeFileSync(file, page);
for (const [name, svg] of Object.entries(images)) writeFileSync(join(docs, 'images', name), svg);
