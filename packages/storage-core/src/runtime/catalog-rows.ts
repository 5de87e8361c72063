import type { BackendReport } from '../ports/backend.js';
import type {
  ChunkId,
  LibraryId,
  LibraryRef,
  PageId,
  PageRef,
  VersionId,
  VersionRef,
} from '../values/ids.js';
import type {
  PageInput,
  SetScraperOptions,
  SetVersionProgress,
  SetVersionStatus,
} from '../values/mutations.js';
import {
  type ChunkRecord,
  type ChunkSnapshot,
  type LibraryRecord,
  type PageRecord,
  type PageSnapshot,
  sqlTimestamp,
  type VersionRecord,
} from '../values/records.js';
import { normalizeLibraryRef, normalizePageRef, normalizeVersionRef } from './validate.js';

/** A chunk as a row of a table. */
export interface ChunkRow extends ChunkSnapshot {
  /** Id of its page. */
  readonly pageId: PageId;
}

/** Tables of a store whose rows are in memory, by id. */
export interface CatalogRows {
  /** Libraries by id. */
  readonly libraries: ReadonlyMap<LibraryId, LibraryRecord>;
  /** Versions by id. */
  readonly versions: ReadonlyMap<VersionId, VersionRecord>;
  /** Pages by id. */
  readonly pages: ReadonlyMap<PageId, PageRecord>;
  /** Chunks by id. */
  readonly chunks: ReadonlyMap<ChunkId, ChunkRow>;
}

/** Tables whose rows can be replaced. */
export interface CatalogTables extends CatalogRows {
  /** Libraries by id. */
  readonly libraries: Map<LibraryId, LibraryRecord>;
  /** Versions by id. */
  readonly versions: Map<VersionId, VersionRecord>;
  /** Pages by id. */
  readonly pages: Map<PageId, PageRecord>;
  /** Chunks by id. */
  readonly chunks: Map<ChunkId, ChunkRow>;
}

/** Copies the tables of a store, but not their rows: a write changes the copy, which then replaces the tables. */
export function copyTables({ libraries, versions, pages, chunks }: Partial<CatalogRows> = {}): CatalogTables {
  return {
    libraries: new Map(libraries),
    versions: new Map(versions),
    pages: new Map(pages),
    chunks: new Map(chunks),
  };
}

/** Counts the rows of a store, for its report. */
export function countRows({ libraries, versions, pages, chunks }: CatalogRows): BackendReport['counts'] {
  return {
    libraries: libraries.size,
    versions: versions.size,
    pages: pages.size,
    chunks: chunks.size,
    vectors: [...chunks.values()].filter(({ vector }) => vector !== null).length,
  };
}

/** Finds a library by reference. */
export function findLibraryIn({ libraries }: CatalogRows, ref: LibraryRef): LibraryRecord | undefined {
  const normal = normalizeLibraryRef(ref);
  if ('libraryId' in normal) return libraries.get(normal.libraryId);
  return [...libraries.values()].find(({ name }) => name === normal.library);
}

/** Finds a version by reference. */
export function findVersionIn({ versions }: CatalogRows, ref: VersionRef): VersionRecord | undefined {
  const normal = normalizeVersionRef(ref);
  if ('versionId' in normal) return versions.get(normal.versionId);
  return [...versions.values()].find((one) => one.library === normal.library && one.name === normal.version);
}

/** Finds a page by reference. */
export function findPageIn(rows: CatalogRows, ref: PageRef): PageRecord | undefined {
  const normal = normalizePageRef(ref);
  if ('pageId' in normal) return rows.pages.get(normal.pageId);
  return pagesIn(rows, findVersionIn(rows, normal.version)?.id).find(({ url }) => url === normal.url);
}

/** Returns the pages of a version by id; none for undefined. */
export function pagesIn({ pages }: CatalogRows, versionId: VersionId | undefined): PageRecord[] {
  return [...pages.values()].filter((page) => page.versionId === versionId).sort((a, b) => a.id - b.id);
}

/** Returns the chunks of a page in page order. */
export function chunksIn<C extends ChunkRow>(
  { chunks }: { readonly chunks: ReadonlyMap<ChunkId, C> },
  pageId: PageId,
): C[] {
  return [...chunks.values()].filter((chunk) => chunk.pageId === pageId).sort(inPageOrder);
}

/** Orders chunks of one page: by sort order, then by id. */
export function inPageOrder(a: ChunkRow, b: ChunkRow): number {
  return a.sortOrder - b.sortOrder || a.id - b.id;
}

/** Returns a chunk as a record, which the caller may modify. @throws Error if its page is missing. */
export function toChunkRecord(
  { pages }: CatalogRows,
  { id, pageId, content, metadata, sortOrder, createdAt }: ChunkRow,
): ChunkRecord {
  const page = pages.get(pageId);
  if (page === undefined) throw new Error(`Chunk ${id} has no page.`);
  const { versionId, url, title, contentType, sourceContentType } = page;
  return {
    id,
    pageId,
    versionId,
    url,
    title,
    contentType,
    sourceContentType,
    content,
    metadata: structuredClone(metadata),
    sortOrder,
    createdAt,
  };
}

/** Returns a page with its chunks and vectors, as a copy. */
export function toPageSnapshot(rows: CatalogRows, page: PageRecord): PageSnapshot {
  const chunks = chunksIn(rows, page.id).map(({ id, content, metadata, sortOrder, createdAt, vector }) => ({
    id,
    content,
    metadata: structuredClone(metadata),
    sortOrder,
    createdAt,
    vector: vector === null ? null : vector.slice(),
  }));
  return { page, chunks };
}

/**
 * Returns the row of a version that did not exist before.
 *
 * @param name Name of the version in lower case.
 *
 * @example
 * ```ts
 * const library = { id: 1, name: 'fastify', createdAt: sqlTimestamp() };
 * newVersion(2, library, '5.0').status; // 'not_indexed'
 * ```
 */
export function newVersion(id: VersionId, library: LibraryRecord, name: string): VersionRecord {
  const now = sqlTimestamp();
  return {
    id,
    libraryId: library.id,
    library: library.name,
    name,
    status: 'not_indexed',
    progressPages: 0,
    progressMaxPages: 0,
    errorMessage: null,
    sourceUrl: null,
    scraperOptions: null,
    createdAt: now,
    startedAt: null,
    updatedAt: now,
  };
}

/**
 * Returns the row of a version after a mutation of its state.
 *
 * @example
 * ```ts
 * const version = newVersion(2, { id: 1, name: 'fastify', createdAt: null }, '5.0');
 * const status = { kind: 'setVersionStatus', version: { versionId: 2 }, status: 'running' } as const;
 * changedVersion(version, status).status; // 'running'
 * ```
 */
export function changedVersion(
  version: VersionRecord,
  mutation: SetVersionStatus | SetVersionProgress | SetScraperOptions,
): VersionRecord {
  const row = { ...version, updatedAt: sqlTimestamp() };
  switch (mutation.kind) {
    case 'setVersionStatus':
      return { ...row, status: mutation.status, errorMessage: mutation.errorMessage ?? null };
    case 'setVersionProgress':
      return { ...row, progressPages: mutation.pages, progressMaxPages: mutation.maxPages };
    case 'setScraperOptions':
      return { ...row, sourceUrl: mutation.sourceUrl, scraperOptions: mutation.options };
  }
}

/**
 * Returns the row of a page that a `replacePage` writes, with the defaults of its columns.
 *
 * @param known Row of the page before; undefined for a new page.
 *
 * @example
 * ```ts
 * const row = toPageRow(7, 2, { url: 'https://fastify.dev/docs/hooks', title: 'Hooks' }, undefined);
 * row.etag; // null
 * ```
 */
export function toPageRow(
  id: PageId,
  versionId: VersionId,
  input: PageInput,
  known: PageRecord | undefined,
): PageRecord {
  const now = sqlTimestamp();
  return {
    id,
    versionId,
    url: input.url,
    title: input.title ?? null,
    etag: input.etag ?? null,
    lastModified: input.lastModified ?? null,
    contentType: input.contentType ?? null,
    sourceContentType: input.sourceContentType ?? null,
    depth: input.depth ?? null,
    createdAt:
      input.createdAt === undefined ? (known === undefined ? now : known.createdAt) : input.createdAt,
    updatedAt: input.updatedAt === undefined ? now : input.updatedAt,
  };
}
