import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSources } from './corpus/read-corpus.js';
import { makeDatasets } from './datasets.js';
import { dataFolder } from './folders.js';

/** `npm run evaluate:datasets`: writes the data sets again, after a change of questions, judgments or packages. */
for (const [name, text] of makeDatasets(await readSources())) {
  writeFileSync(join(dataFolder, name), text);
  console.log(`evaluation/data/${name}`);
}
