import { MemoryBackend } from '@switchyard/storage-conformance/memory';
import { DocumentStore, type Embedder, type PageDocument } from '@switchyard/storage-core';

const embedder: Embedder = {
  model: 'example:letters',
  dimension: 4,
  available: true,
  limits: { maxTexts: 16, maxCharacters: 100_000 },
  embed: async (texts) =>
    texts.map((text) => Float32Array.of(1, text.length, text.split(' ').length, text.split('e').length)),
};

const page: PageDocument = {
  url: 'https://fastify.dev/docs/routes',
  title: 'Routes',
  chunks: [
    {
      content: 'Declare routes with fastify.get().',
      metadata: { types: ['text'], level: 1, path: ['Routes'] },
    },
    {
      content: 'The route options take a schema.',
      metadata: { types: ['text'], level: 2, path: ['Routes', 'Options'] },
    },
  ],
};

/** Names that the examples of doc comments use without declaring them, in separate stores. */
export async function setUpExample() {
  const backend = new MemoryBackend();
  const store = await DocumentStore.open({ backend, embedder });
  const [added] = await store.addPages('fastify', '5.0', [page]);
  const versionId = await store.resolveVersion('fastify', '5.0');
  const target = new MemoryBackend();
  await target.open();
  return {
    store,
    backend,
    source: backend,
    target,
    embedder,
    page,
    versionId,
    chunkId: added?.chunkIds[1] ?? '',
  };
}
