// Writes a legacy store with better-sqlite3 and sqlite-vec, and converts it to libSQL.
import { sqliteVecModule } from '@switchyard/backend-sqlite-vec/module';
import { convertLegacyStore } from '@switchyard/legacy-conversion';
import { createContainer } from '@switchyard/storage-container';
import { DocumentStore } from '@switchyard/storage-core';

const container = createContainer({ modules: [sqliteVecModule] });
const store = await DocumentStore.open({ backend: container.createBackend('sqlite-vec:legacy.db') });
await store.addPage('my-lib', '1.0.0', {
  url: 'https://example.org/a',
  title: 'A',
  chunks: [{ content: 'Call listen() to start.', metadata: { types: ['text'], level: 1, path: ['Start'] } }],
});
const hits = await store.search('my-lib', '1.0.0', 'listen');
await store.close();
await container.close();
if (hits.length !== 1) throw new Error(`There are ${hits.length} hits.`);
const { verification } = await convertLegacyStore({
  source: 'legacy.db',
  target: { type: 'file', path: 'converted.db' },
});
if (!verification?.equal) throw new Error('The conversion differs from its source.');
console.log('legacy store, converted');
