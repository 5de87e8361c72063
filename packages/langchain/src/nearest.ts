import type { Document } from '@langchain/core/documents';
import type { DocumentStore } from '@switchyard/storage-core';
import { fitVector } from '@switchyard/storage-core';
import { isStructural } from '@switchyard/storage-core/backend';
import { toDocument } from './chunk-documents.js';
import { requireProfile, type Settings } from './config.js';
import { type DocumentFilter, passes, toChunkFilter } from './filter.js';

/** A document that was found. Higher scores are better. */
export interface Found {
  readonly document: Document;
  readonly score: number;
  readonly chunkId: number;
  readonly pageId: number;
}

/** Growth of the number of hits that are fetched until enough of them pass the filter. */
const GROWTH = 4;

/** Hits of a search, before the filter. */
interface Hits {
  readonly found: readonly Found[];
  /** True if there are no more. */
  readonly isAll: boolean;
}

/** Returns the nearest documents. Score: 1 / (1 + distance), in the metric of the store. */
export function findNearest(
  settings: Settings,
  query: Float32Array,
  k: number,
  filter: DocumentFilter | undefined,
): Promise<Found[]> {
  const { store, library, version } = settings;
  const { backend } = store;
  const { model, dimension } = requireProfile(store);
  const vector = fitVector(query, dimension, { what: 'The vector of the query' });
  const chunkFilter = supportedFilter(store, filter);
  return collect(k, filter, async (limit) => {
    const request = { version: { library, version }, vector, limit, model };
    const hits = await backend.vectors.nearest({ ...request, filter: chunkFilter });
    const rows = new Map(
      (await backend.catalog.chunks(hits.map((hit) => hit.chunkId))).map((row) => [row.id, row]),
    );
    const found = hits.flatMap(({ chunkId, distance }) => {
      const row = rows.get(chunkId);
      if (row === undefined || isStructural(row.metadata)) return [];
      return [{ document: toDocument(row), score: 1 / (1 + distance), chunkId, pageId: row.pageId }];
    });
    return { found, isAll: hits.length < limit };
  });
}

/** Returns the best documents of a hybrid search. Score: of the fusion of both lists. */
export function findHybrid(
  settings: Settings,
  text: string,
  query: Float32Array,
  k: number,
  filter: DocumentFilter | undefined,
): Promise<Found[]> {
  const { store, library, version } = settings;
  const chunkFilter = supportedFilter(store, filter);
  return collect(k, filter, async (limit) => {
    const hits = await store.search(library, version, text, { vector: query, limit, filter: chunkFilter });
    const found = hits.map((hit) => {
      const chunkId = Number(hit.id);
      return { document: toDocument({ ...hit, id: chunkId }), score: hit.score, chunkId, pageId: hit.pageId };
    });
    return { found, isAll: hits.length < limit };
  });
}

function supportedFilter({ backend }: DocumentStore, filter: DocumentFilter | undefined) {
  return backend.capabilities.filters ? toChunkFilter(filter) : undefined;
}

/** Fetches more hits until enough of them pass the filter, so that it acts before the number of results. */
async function collect(
  k: number,
  filter: DocumentFilter | undefined,
  fetch: (limit: number) => Promise<Hits>,
): Promise<Found[]> {
  if (k === 0) return [];
  for (let limit = k; ; limit *= GROWTH) {
    const { found, isAll } = await fetch(limit);
    const passing = found.filter(({ document }) => passes(document, filter));
    if (passing.length >= k || isAll) return passing.slice(0, k);
  }
}
