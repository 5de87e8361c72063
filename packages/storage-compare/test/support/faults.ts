import type { SearchableStore } from '@switchyard/storage-compare';
import { MemoryBackend } from '@switchyard/storage-conformance/memory';
import { type DocumentStore, type StorageBackend, DocumentStore as Store } from '@switchyard/storage-core';
import type { FtsIndex, FtsQuery, PageSnapshot } from '@switchyard/storage-core/backend';
import { copyOf, makeQueries } from './documents.js';

/** A fault that is planted in a copy of a store, and words that the report must say of it. */
export interface PlantedFault {
  readonly name: string;
  readonly says: RegExp;
  readonly plant: (store: DocumentStore) => Promise<SearchableStore>;
}

/** Faults of the kinds that a new backend may have. */
export const plantedFaults: readonly PlantedFault[] = [
  {
    name: 'wrong-metric',
    says: /The metric differs: l2 in A, cosine in B\./,
    plant: async (store) => {
      const backend = new MemoryBackend();
      await backend.open();
      const profile = await store.backend.vectors.profile();
      if (profile === null) throw new Error('The store has no vectors.');
      await backend.vectors.reconcile({ ...profile, metric: 'cosine' }, 'refuse');
      for (const page of await pagesOf(store.backend)) await put(backend, page);
      return Store.open({ backend });
    },
  },
  {
    name: 'missing-chunks',
    says: /B has \d+ chunks fewer and \d+ vectors fewer in /,
    plant: async (store) => {
      const copy = await copyOf(store);
      const [version] = await copy.backend.catalog.overview();
      const pages = await copy.pages((version as NonNullable<typeof version>).version.id);
      for (const { id } of pages.filter((_, index) => index % 6 === 0)) await copy.deletePage(id);
      return copy;
    },
  },
  {
    name: 'stale-row',
    says: /a hit has another text in B\./,
    plant: async (store) => {
      const copy = await copyOf(store);
      const pages = await pagesOf(copy.backend);
      const { text, vectors } = makeQueries(1)[0] as ReturnType<typeof makeQueries>[number];
      const [hit] = await copy.search('guide', '1.0.0', text, { limit: 1, vector: vectors[0] });
      const page = pages.find(({ page: { url } }) => url === hit?.url) as PlacedPage;
      const chunks = page.chunks.map((chunk) =>
        String(chunk.id) === hit?.id
          ? { ...chunk, content: `${chunk.content} It was so until version 0.9.` }
          : chunk,
      );
      await put(copy.backend, { ...page, chunks });
      return copy;
    },
  },
  {
    name: 'wrong-weight',
    says: /full text matches the same chunks with other scores: the weights/,
    plant: async (store) => {
      const copy = await copyOf(store);
      return withFts(copy, (fts, query) =>
        fts.match({ ...query, weights: { content: 1, title: 10, url: 1, path: 5 } }),
      );
    },
  },
  {
    name: 'swapped-ranks',
    says: /the vector rank and the full-text rank of the hits are exchanged/,
    plant: async (store) => {
      const copy = await copyOf(store);
      return {
        backend: copy.backend,
        profile: copy.profile,
        search: async (...request) =>
          (await copy.search(...request)).map(({ vecRank, ftsRank, ...hit }) => ({
            ...hit,
            vecRank: ftsRank,
            ftsRank: vecRank,
          })),
      };
    },
  },
  {
    name: 'lost-tokenizer-rule',
    says: /full text matches other chunks: the tokenizer/,
    plant: async (store) => {
      const copy = await copyOf(store);
      // Without stemming, a chunk matches only by a word exactly as it was typed.
      const texts = new Map(
        (await pagesOf(copy.backend)).flatMap(({ page, chunks }) =>
          chunks.map(({ id, content, metadata }) => [
            id,
            ` ${[content, page.title ?? '', page.url, ...metadata.path]
              .join(' ')
              .toLowerCase()
              .replaceAll(/[^a-z0-9]+/g, ' ')} `,
          ]),
        ),
      );
      return withFts(copy, async (fts, query) => {
        const all = await fts.match({ ...query, limit: Number.MAX_SAFE_INTEGER });
        const words = query.terms.map((term) => ` ${term.toLowerCase()} `);
        return all
          .filter(({ chunkId }) => words.some((word) => texts.get(chunkId)?.includes(word)))
          .slice(0, query.limit);
      });
    },
  },
];

/** The store with another full-text search, and hybrid searches made of single calls so that it is used. */
export async function withFts(
  store: DocumentStore,
  match: (fts: FtsIndex, query: FtsQuery) => ReturnType<FtsIndex['match']>,
): Promise<SearchableStore> {
  const { backend } = store;
  const fts: FtsIndex = {
    match: (query) => match(backend.fts, query),
    rebuild: (options) => backend.fts.rebuild(options),
    audit: (options) => backend.fts.audit(options),
  };
  const faulty = new Proxy(backend, {
    get: (target, name) => {
      if (name === 'fts') return fts;
      if (name === 'capabilities') return { ...target.capabilities, candidates: false };
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return Store.open({ backend: faulty });
}

/** A page and the version it belongs to. */
type PlacedPage = PageSnapshot & { readonly ref: { readonly library: string; readonly version: string } };

async function pagesOf(backend: StorageBackend): Promise<PlacedPage[]> {
  const pages: PlacedPage[] = [];
  for (const { version } of await backend.catalog.overview()) {
    const ref = { library: version.library, version: version.name };
    const found = await backend.catalog.snapshot({ version: { versionId: version.id }, limit: 100_000 });
    pages.push(...found.map((page) => ({ ...page, ref })));
  }
  return pages;
}

async function put(backend: StorageBackend, { page, chunks, ref }: PlacedPage): Promise<void> {
  const { url, title } = page;
  await backend.apply([
    {
      kind: 'replacePage',
      version: ref,
      page: { url, title },
      chunks: chunks.map(({ content, metadata, vector }) => ({ content, metadata, vector })),
    },
  ]);
}
