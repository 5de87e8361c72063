// Writes a local libSQL store, opens it again and searches it by vectors and full text.
import { libsqlModule } from '@switchyard/backend-libsql/module';
import { createContainer } from '@switchyard/storage-container';
import { DocumentStore } from '@switchyard/storage-core';

const embedder = {
  model: 'example:letters',
  dimension: 26,
  available: true,
  embed: async (texts) => texts.map(letters),
};

/** Counts the letters of a text: enough of a model for a search that must find one of two chunks. */
function letters(text) {
  const vector = new Float32Array(26);
  for (const letter of text.toLowerCase()) {
    const index = letter.charCodeAt(0) - 97;
    if (index >= 0 && index < 26) vector[index] += 1;
  }
  return vector;
}

const container = createContainer({ modules: [libsqlModule] });
const open = () => DocumentStore.open({ backend: container.createBackend('store.db'), embedder });
const metadata = { types: ['text'], level: 1, path: ['Start'] };

const writer = await open();
await writer.addPages('my-lib', '1.0.0', [
  { url: 'https://example.org/a', title: 'A', chunks: [{ content: 'Call listen() to start.', metadata }] },
  { url: 'https://example.org/b', title: 'B', chunks: [{ content: 'Zigzag puzzles buzz.', metadata }] },
]);
await writer.close();

const reader = await open();
const [hit] = await reader.search('my-lib', '1.0.0', 'puzzles', { limit: 1 });
await reader.close();
await container.close();
if (hit?.url !== 'https://example.org/b' || hit.vecRank !== 1 || hit.ftsRank !== 1) {
  throw new Error(`The best hit is ${JSON.stringify(hit)}.`);
}
console.log('hybrid search');
