import { type ReplacePage, StorageError } from '@switchyard/storage-core';
import type { ChunkSnapshot, PageSnapshot } from '@switchyard/storage-core/backend';
import { documentIdOf, type Entry } from './chunk-documents.js';

/** An entry with its vector, fitted to the dimension of the store. */
export interface EmbeddedEntry extends Entry {
  readonly vector: Float32Array;
}

/** A change of a page. */
export interface PageChange {
  /** URL of the page. */
  readonly url: string;
  /** The page as it is; undefined if it does not exist. */
  readonly page: PageSnapshot | undefined;
  /** Ids of documents to remove. */
  readonly removed: ReadonlySet<string>;
  /** Documents to put in the place of those with their ids. */
  readonly replaced: ReadonlyMap<string, EmbeddedEntry>;
  /** Documents to put at the end. */
  readonly added: readonly EmbeddedEntry[];
}

type NewChunk = ReplacePage['chunks'][number];

/** A write, with the number of chunks that the page had when it was read. */
export interface PageWrite {
  readonly mutation:
    | ReplacePage
    | { readonly kind: 'deletePage'; readonly page: { readonly pageId: number } };
  readonly read: number;
}

/** Returns the write of a change: of the whole page, or its deletion if it becomes empty; null if nothing changes. */
export function toWrite(
  { url, page, removed, replaced, added }: PageChange,
  version: ReplacePage['version'],
  model: string | null,
): PageWrite | null {
  const before = page?.chunks ?? [];
  const kept = before.flatMap((chunk): NewChunk[] => {
    const id = documentIdOf(chunk);
    const entry = replaced.get(id);
    if (entry !== undefined) return [toChunk(entry)];
    return removed.has(id) ? [] : [keep(chunk)];
  });
  if (added.length === 0 && replaced.size === 0 && kept.length === before.length) return null;
  const chunks = [...kept, ...added.map(toChunk)];
  if (chunks.length === 0) {
    if (page === undefined) return null;
    return { mutation: { kind: 'deletePage', page: { pageId: page.page.id } }, read: before.length };
  }
  const title = page?.page.title ?? added.find((entry) => entry.title !== null)?.title ?? null;
  const { etag, lastModified, contentType, sourceContentType, depth } = page?.page ?? {};
  const row = { url, title, etag, lastModified, contentType, sourceContentType, depth };
  return { mutation: { kind: 'replacePage', version, page: row, chunks, model }, read: before.length };
}

function toChunk({ chunk, vector }: EmbeddedEntry): NewChunk {
  return { ...chunk, vector };
}

/** Without its id: ids are given for all chunks of a page or for none. */
function keep({ content, metadata, vector, createdAt }: ChunkSnapshot): NewChunk {
  return { content, metadata, vector, createdAt };
}

/** Error for a page with another number of chunks than it had when it was read. */
export function changedByOthers({ mutation }: PageWrite): StorageError {
  const page = mutation.kind === 'replacePage' ? mutation.page.url : `with the id ${mutation.page.pageId}`;
  return new StorageError(
    'STORAGE_CONSTRAINT',
    `Another process changed the page ${page} at the same time; documents that it added there may be lost. Let one ` +
      'process at a time write to a version, and add the documents of that process again.',
    { outcome: 'unknown' },
  );
}
