import {
  type ChunkRecord,
  type ContextOptions,
  type PageRecord,
  type Timestamp,
  toIsoTimestamp,
  type VersionOverview,
  type VersionRecord,
  type VersionRef,
} from '@switchyard/storage-core';
import {
  type CallRunner,
  type Catalog,
  checkLimit,
  checkRelativesRequest,
  compareText,
  type OutlineEntry,
  type Relatives,
  type RelativesRequest,
  selectRelatives,
  toWellFormed,
} from '@switchyard/storage-core/backend';
import { findLibrary, findPage, findVersion, pageOf, toChunkRecord, toPageSnapshot } from './lookup.js';
import { inPageOrder, type MemoryState, type StoredChunk, type Tables } from './tables.js';
import { plainCopy } from './values.js';

/** Implements the reads of the memory backend. Each sees a single state of the tables. */
export function memoryCatalog(state: MemoryState, run: CallRunner): Catalog {
  const read = <T>(options: Parameters<CallRunner>[0], work: (tables: Tables) => T): Promise<T> =>
    run(options, () => work(state.tables));
  return {
    libraries: (options) => read(options, (tables) => byName([...tables.libraries.values()])),
    library: (ref, options) => read(options, (tables) => findLibrary(tables, ref) ?? null),
    version: (ref, options) => read(options, (tables) => versionOrNull(findVersion(tables, ref))),
    versions: (ref, options) =>
      read(options, (tables) => {
        const library = findLibrary(tables, ref);
        return library === undefined ? [] : byName(tables.versionsOf(library.id)).map(copyVersion);
      }),
    versionsByStatus: (statuses, options) =>
      read(options, (tables) =>
        allVersions(tables)
          .filter((version) => statuses.includes(version.status))
          .map(copyVersion),
      ),
    versionsBySourceUrl: (sourceUrl, options) =>
      read(options, (tables) =>
        allVersions(tables)
          .filter((version) => version.sourceUrl === toWellFormed(sourceUrl))
          .sort((a, b) => moment(b.createdAt) - moment(a.createdAt) || b.id - a.id)
          .map(copyVersion),
      ),
    overview: (options) =>
      read(options, (tables) => allVersions(tables).map((version) => overviewOf(tables, version))),
    hasChunks: (ref, options) =>
      read(options, (tables) => pagesOf(tables, ref).some((page) => tables.chunksOf(page.id).length > 0)),
    pages: (ref, options) =>
      read(options, (tables) => {
        const { after = 0, limit } = ref;
        checkLimit(after, 'after');
        checkLimit(limit ?? 1, 'limit', 1);
        const pages = pagesOf(tables, ref).filter((page) => page.id > after);
        return limit === undefined ? pages : pages.slice(0, limit);
      }),
    page: (ref, options) => read(options, (tables) => findPage(tables, ref) ?? null),
    chunks: (ids, version, options) =>
      read(options, (tables) => {
        const isInScope = scopeOf(tables, version);
        const found = [...new Set(ids)]
          .map((id) => tables.chunks.get(id))
          .filter((chunk) => chunk !== undefined)
          .filter(isInScope);
        return found.sort(inPageOrder).map((chunk) => toChunkRecord(tables, chunk));
      }),
    chunksByUrl: (version, url, options) =>
      read(options, (tables) => {
        const page = findPage(tables, { version, url });
        return page === undefined
          ? []
          : tables.chunksOf(page.id).map((chunk) => toChunkRecord(tables, chunk));
      }),
    relatives: (request, options) => read(options, (tables) => relativesOf(tables, request)),
    snapshot: (request, options) =>
      read(options, (tables) => {
        checkLimit(request.limit, 'limit', 1);
        const after = request.after ?? 0;
        const pages = pagesOf(tables, request.version).filter((page) => page.id > after);
        return pages.slice(0, request.limit).map((page) => toPageSnapshot(tables, page));
      }),
  };
}

function byName<T extends { readonly name: string }>(records: T[]): T[] {
  return records.sort((a, b) => compareText(a.name, b.name));
}

/** Orders versions by library name, then by version name. */
function allVersions(tables: Tables): VersionRecord[] {
  return byName([...tables.versions.values()]).sort((a, b) => compareText(a.library, b.library));
}

function pagesOf(tables: Tables, ref: Parameters<Catalog['pages']>[0]): PageRecord[] {
  const version = findVersion(tables, ref);
  return version === undefined ? [] : tables.pagesOf(version.id);
}

function versionOrNull(version: VersionRecord | undefined): VersionRecord | null {
  return version === undefined ? null : copyVersion(version);
}

function copyVersion(version: VersionRecord): VersionRecord {
  return { ...version, scraperOptions: plainCopy(version.scraperOptions) };
}

function moment(timestamp: Timestamp | null): number {
  return timestamp === null ? Number.NEGATIVE_INFINITY : Date.parse(toIsoTimestamp(timestamp));
}

function overviewOf(tables: Tables, version: VersionRecord): VersionOverview {
  const pages = tables.pagesOf(version.id);
  const chunks = pages.flatMap((page) => tables.chunksOf(page.id));
  const created = pages
    .map((page) => page.createdAt)
    .filter((timestamp) => timestamp !== null)
    .sort((a, b) => moment(a) - moment(b));
  return {
    version: copyVersion(version),
    chunks: chunks.length,
    urls: pages.length,
    firstIndexedAt: created[0] ?? null,
  };
}

/** Returns a test for chunks of a version; all pass without one. */
function scopeOf(tables: Tables, ref: VersionRef | undefined): (chunk: StoredChunk) => boolean {
  if (ref === undefined) return () => true;
  const version = findVersion(tables, ref);
  return (chunk) => version !== undefined && pageOf(tables, chunk).versionId === version.id;
}

/** Implements `Catalog.relatives`. */
export function relativesOf(tables: Tables, request: RelativesRequest): (Relatives | null)[] {
  checkRelativesRequest(request);
  const isInScope = scopeOf(tables, request.version);
  return request.chunkIds.map((id) => {
    const chunk = tables.chunks.get(id);
    return chunk === undefined || !isInScope(chunk) ? null : relativesOfChunk(tables, chunk, request);
  });
}

function relativesOfChunk(tables: Tables, chunk: StoredChunk, context: ContextOptions): Relatives {
  const outline: OutlineEntry[] = tables
    .chunksOf(chunk.pageId)
    .map(({ id, metadata }) => ({ id, path: metadata.path }));
  const ids = selectRelatives(outline, chunk.id, context);
  const record = (id: number): ChunkRecord => toChunkRecord(tables, tables.chunks.get(id) as StoredChunk);
  return {
    chunk: record(chunk.id),
    parent: ids.parent === null ? null : record(ids.parent),
    children: ids.children.map(record),
    precedingSiblings: ids.precedingSiblings.map(record),
    subsequentSiblings: ids.subsequentSiblings.map(record),
  };
}
