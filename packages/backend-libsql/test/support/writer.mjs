// Writes pages into a store until it has written as many as asked for, or is killed, and prints a line after each: STORE
// NAME PAGES.
import { libsqlBackend } from '@switchyard/backend-libsql';
import { parseConnectionString } from '@switchyard/storage-core';

const [store, name, pages] = process.argv.slice(2);
const backend = libsqlBackend.create(parseConnectionString(store, { backends: [libsqlBackend] }));
await backend.open();
await backend.vectors.reconcile({ model: 'test:letters', dimension: 64 }, 'refuse');
for (let page = 0; page < Number(pages); page++) {
  const chunks = Array.from({ length: 8 }, (_, index) => ({
    content: `page ${page} chunk ${index} of ${name}`,
    metadata: { types: ['text'], level: 0, path: [] },
    vector: new Float32Array(64).fill(page + index + 1),
  }));
  await backend.apply([
    { kind: 'replacePage', version: { library: name, version: '' }, page: { url: `/${page % 20}` }, chunks },
  ]);
  process.stdout.write('written\n');
}
await backend.close();
process.stdout.write('done\n');
