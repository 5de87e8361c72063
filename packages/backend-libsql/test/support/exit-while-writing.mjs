// Writes pages into a store and ends by process.exit() while the log is written back, saying how many it wrote: STORE.
import { statSync } from 'node:fs';
import { libsqlBackend } from '@switchyard/backend-libsql';
import { parseConnectionString } from '@switchyard/storage-core';

const [store] = process.argv.slice(2);
const backend = libsqlBackend.create(parseConnectionString(store, { backends: [libsqlBackend] }));
await backend.open();
await backend.vectors.reconcile({ model: 'test:letters', dimension: 768 }, 'refuse');
let page = 0;
// No turn of the event loop in between: what was begun in the background is still under way to this process.
for (; statSync(`${store}-wal`).size < 2600 * 4120; page++) {
  const chunks = Array.from({ length: 8 }, (_, index) => ({
    content: `page ${page} chunk ${index}`,
    metadata: { types: ['text'], level: 0, path: [] },
    vector: new Float32Array(768).fill(page + index + 1),
  }));
  await backend.apply([
    { kind: 'replacePage', version: { library: 'exit', version: '' }, page: { url: `/${page}` }, chunks },
  ]);
}
process.stdout.write(String(page));
process.exit(7);
