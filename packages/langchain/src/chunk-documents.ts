import { Document, type DocumentInterface } from '@langchain/core/documents';
import type { ChunkInput, ChunkMetadata, JsonObject } from '@switchyard/storage-core';
import { checkJson } from '@switchyard/storage-core/backend';

/** Member of a chunk's metadata that holds the id and the metadata of its document. */
const KEY = 'langchain';

/** Beginning of the ids of chunks that were not added through LangChain: the id of the chunk follows. */
const FOREIGN = 'switchyard:';

/** A document to be stored, as a chunk without its vector. */
export interface Entry {
  /** Id of the document. */
  readonly id: string;
  /** URL of its page: its source; without one, a page of its own. */
  readonly url: string;
  /** Title of its page, if its metadata has one. */
  readonly title: string | null;
  readonly chunk: Omit<ChunkInput, 'vector'>;
}

/** The used columns of a stored chunk. */
interface StoredChunk {
  readonly id: number;
  readonly url: string;
  readonly title: string | null;
  readonly content: string;
  readonly metadata: ChunkMetadata;
}

/**
 * Turns a document into a chunk.
 *
 * @param where Name of the document in messages, such as `documents[3]`.
 * @throws TypeError that names the member, for text or metadata that would not come back as it is.
 */
export function toEntry(document: DocumentInterface, id: string, where: string): Entry {
  if (typeof document !== 'object' || document === null) throw new TypeError(`${where} must be a Document.`);
  const { pageContent, metadata = {} } = document;
  if (typeof pageContent !== 'string') throw new TypeError(`${where}.pageContent must be a string.`);
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) {
    throw new TypeError(`${where}.metadata must be an object.`);
  }
  checkJson(metadata, `${where}.metadata`);
  const { source, title } = metadata;
  return {
    id,
    url: typeof source === 'string' && source !== '' ? source : urlWithoutSource(id),
    title: typeof title === 'string' ? title : null,
    chunk: {
      content: pageContent,
      metadata: { ...placeOf(metadata), [KEY]: { id, metadata: metadata as JsonObject } },
    },
  };
}

/** URL of the page of a document without a source. */
export function urlWithoutSource(id: string): string {
  return `langchain:${id}`;
}

/** Types, level and path of a document that was read from a store; otherwise plain text outside of any heading. */
function placeOf({ types, level, path }: Record<string, unknown>): ChunkMetadata {
  const texts = (value: unknown, fallback: string[]): string[] =>
    Array.isArray(value) && value.every((text) => typeof text === 'string') ? value : fallback;
  return {
    types: texts(types, ['text']),
    level: typeof level === 'number' && Number.isFinite(level) ? level : 0,
    path: texts(path, []),
  };
}

/** Turns a chunk into a document: as it was added; one that was not added through LangChain gets its page as source. */
export function toDocument(chunk: StoredChunk): Document {
  const { content: pageContent, url, title, metadata } = chunk;
  const own = readOwn(metadata);
  if (own !== null) return new Document({ pageContent, id: own.id, metadata: own.metadata });
  return new Document({
    pageContent,
    id: foreignId(chunk.id),
    metadata: { source: url, ...(title === null ? {} : { title }), ...metadata },
  });
}

/** Returns the id of the document in a chunk. */
export function documentIdOf(chunk: Pick<StoredChunk, 'id' | 'metadata'>): string {
  return readOwn(chunk.metadata)?.id ?? foreignId(chunk.id);
}

function foreignId(chunkId: number): string {
  return `${FOREIGN}${chunkId}`;
}

/** Returns true for an id that {@link documentIdOf} gives to a chunk that was not added through LangChain. */
export function isForeignId(id: string): boolean {
  return id.startsWith(FOREIGN);
}

/** Returns the id of the chunk in such an id; null if it has none. */
export function chunkIdOf(id: string): number | null {
  const digits = id.slice(FOREIGN.length);
  return isForeignId(id) && /^[1-9]\d{0,15}$/.test(digits) ? Number(digits) : null;
}

/** Other programs may have stored anything under the key. */
function readOwn(metadata: ChunkMetadata): { readonly id: string; readonly metadata: JsonObject } | null {
  const own = metadata[KEY];
  if (typeof own !== 'object' || own === null || Array.isArray(own)) return null;
  const { id, metadata: kept } = own as { readonly [key: string]: unknown };
  if (typeof id !== 'string' || typeof kept !== 'object' || kept === null || Array.isArray(kept)) return null;
  return { id, metadata: kept as JsonObject };
}
