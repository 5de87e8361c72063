// Runs the driver in a child process, as stores on a server do by default.
import { libsqlModule } from '@switchyard/backend-libsql/module';
import { createContainer } from '@switchyard/storage-container';
import { DocumentStore } from '@switchyard/storage-core';

const container = createContainer({ modules: [libsqlModule] });
const backend = container.createBackend('isolated.db?isolation=process');
const store = await DocumentStore.open({ backend });
await store.addPage('my-lib', '1.0.0', {
  url: 'https://example.org/a',
  title: 'A',
  chunks: [{ content: 'Call listen() to start.', metadata: { types: ['text'], level: 1, path: ['Start'] } }],
});
const hits = await store.search('my-lib', '1.0.0', 'listen');
const { writer } = backend.processes;
await store.close();
await container.close();
if (hits.length !== 1) throw new Error(`There are ${hits.length} hits.`);
if (writer === null || writer === process.pid) throw new Error('The driver ran in this process.');
console.log('driver in a child process');
