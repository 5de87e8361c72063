import { MemoryBackend } from '@switchyard/storage-conformance/memory';
import { DocumentStore, type StorageBackend } from '@switchyard/storage-core';
import { expect, it } from 'vitest';

const context = { parent: true, children: 2, precedingSiblings: 1, subsequentSiblings: 1 };
const vector = Float32Array.of(1, 2);

/** Fills a store and returns its backend, with a list of the calls that are made from then on. */
async function recorded(backend: MemoryBackend, change: Partial<StorageBackend> = {}) {
  const store = await DocumentStore.open({
    backend,
    embedder: {
      model: 'test:length',
      dimension: 2,
      available: true,
      limits: { maxTexts: 9, maxCharacters: 9_999 },
      embed: async (texts) => texts.map((text) => Float32Array.of(1, text.length)),
    },
  });
  const paths = [['A'], ['A', 'B'], ['A', 'B'], ['A', 'B', 'C'], ['A']];
  await store.addPage('fastify', '5', {
    url: '/a',
    chunks: paths.map((path, i) => ({
      content: `zebra ${i}`,
      metadata: { types: ['text'], level: path.length, path },
    })),
  });
  const calls: string[] = [];
  const recording = <T extends object>(target: T, prefix = ''): T =>
    new Proxy(target, {
      get(_, name) {
        const own = (prefix === '' && Reflect.get(change, name)) || Reflect.get(target, name, target);
        if (typeof own === 'function') {
          return (...args: unknown[]) => {
            calls.push(`${prefix}${String(name)}`);
            return own.apply(target, args);
          };
        }
        return ['catalog', 'fts', 'vectors'].includes(String(name))
          ? recording(own, `${String(name)}.`)
          : own;
      },
    });
  const tested = await DocumentStore.open({ backend: recording<StorageBackend>(backend) });
  calls.length = 0;
  return { store, tested, calls };
}

it('a backend without candidates is asked for the lists, their rows and the relatives', async () => {
  const { store, tested, calls } = await recorded(new MemoryBackend({ capabilities: { candidates: false } }));
  const hits = await tested.search('fastify', '5', 'zebra', { vector, context });
  expect(calls.toSorted()).toEqual(['catalog.chunks', 'catalog.relatives', 'fts.match', 'vectors.nearest']);
  expect(hits).toHaveLength(5);
  expect(hits.map((hit) => hit.context)).toEqual(
    await store.relatives(
      hits.map(({ id }) => id),
      context,
    ),
  );
});

it('relatives that did not come with the candidates are read by one more call', async () => {
  const backend = new MemoryBackend();
  const { store, tested, calls } = await recorded(backend, {
    candidates: async (request, options) => {
      const found = await backend.candidates(request, options);
      return { ...found, rows: [], relatives: found.relatives?.slice(0, 2) };
    },
  });
  const hits = await tested.search('fastify', '5', 'zebra', { vector, context });
  expect(calls).toEqual(['candidates', 'catalog.relatives']);
  expect(hits).toEqual(await store.search('fastify', '5', 'zebra', { vector, context }));
});

it('a hit that was deleted before its relatives were read is left out', async () => {
  const backend = new MemoryBackend();
  const { tested } = await recorded(backend, {
    candidates: async (request, options) => {
      const found = await backend.candidates(request, options);
      await backend.apply([{ kind: 'deletePages', version: { library: 'fastify', version: '5' } }]);
      return { ...found, rows: [], relatives: [] };
    },
  });
  expect(await tested.search('fastify', '5', 'zebra', { vector, context })).toEqual([]);
});
