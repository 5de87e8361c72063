import { isDeepStrictEqual } from 'node:util';
import type { Document } from '@langchain/core/documents';
import type { ChunkFilter, JsonValue } from '@switchyard/storage-core';

/** Members that a document's metadata must have, compared by value. */
export type MetadataFilter = { readonly [key: string]: JsonValue };

/** Restricts a search: a predicate, or the metadata that a document must have. Applied before the number of results. */
export type DocumentFilter = ((document: Document) => boolean) | MetadataFilter;

/** @throws TypeError unless it is a filter or absent. */
export function checkFilter(filter: DocumentFilter | undefined): void {
  if (filter === undefined || typeof filter === 'function') return;
  if (typeof filter !== 'object' || filter === null || Array.isArray(filter)) {
    throw new TypeError('filter must be a function of a document, or an object of metadata.');
  }
}

/** Returns true if a document passes the filter. */
export function passes(document: Document, filter: DocumentFilter | undefined): boolean {
  if (filter === undefined) return true;
  if (typeof filter === 'function') return filter(document);
  return Object.entries(filter).every(([key, value]) => isDeepStrictEqual(document.metadata[key], value));
}

/** Returns the part of a filter that the store can apply: the source of a document is the URL of its page. */
export function toChunkFilter(filter: DocumentFilter | undefined): ChunkFilter | undefined {
  if (filter === undefined || typeof filter === 'function') return undefined;
  const { source } = filter;
  return typeof source === 'string' && source !== '' ? { urlPrefix: source } : undefined;
}
