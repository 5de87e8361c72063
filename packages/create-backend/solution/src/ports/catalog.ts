import {
  type CallOptions,
  type ChunkRecord,
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
  type Relatives,
  type RelativesRequest,
  selectRelatives,
  toWellFormed,
} from '@switchyard/storage-core/backend';
import {
  chunksOf,
  findLibrary,
  findPage,
  findVersion,
  inPageOrder,
  pageOf,
  pagesOf,
  toRecord,
  versionsOf,
} from '../lookup.js';
import type { Store, StoredChunk, Tables } from '../store.js';

export function catalogPort(store: Store, run: CallRunner): Catalog {
  const read = <T>(options: CallOptions | undefined, work: (tables: Tables) => T): Promise<T> =>
    run(options, () => store.read(async (tables) => work(tables)));
  return {
    libraries: (options) => read(options, ({ libraries }) => byName([...libraries.values()])),
    library: (ref, options) => read(options, (tables) => findLibrary(tables, ref) ?? null),
    version: (ref, options) => read(options, (tables) => copied(findVersion(tables, ref))),
    versions: (ref, options) =>
      read(options, (tables) => {
        const library = findLibrary(tables, ref);
        return library === undefined ? [] : byName(versionsOf(tables, library.id)).map(copy);
      }),
    versionsByStatus: (statuses, options) =>
      read(options, (tables) => all(tables).filter(({ status }) => statuses.includes(status))),
    versionsBySourceUrl: (url, options) =>
      read(options, (tables) =>
        all(tables)
          .filter(({ sourceUrl }) => sourceUrl === toWellFormed(url))
          .sort((a, b) => moment(b.createdAt) - moment(a.createdAt) || b.id - a.id),
      ),
    overview: (options) =>
      read(options, (tables) => all(tables).map((version) => overviewOf(tables, version))),
    hasChunks: (ref, options) =>
      read(options, (tables) => pagesIn(tables, ref).some(({ id }) => chunksOf(tables, id).length > 0)),
    pages: (request, options) =>
      read(options, (tables) => {
        const { after = 0, limit = Number.MAX_SAFE_INTEGER } = request;
        checkLimit(after, 'after');
        checkLimit(limit, 'limit', 1);
        return pagesIn(tables, request)
          .filter(({ id }) => id > after)
          .slice(0, limit);
      }),
    page: (ref, options) => read(options, (tables) => findPage(tables, ref) ?? null),
    chunks: (ids, version, options) =>
      read(options, (tables) => {
        const isInScope = scope(tables, version);
        return [...new Set(ids)]
          .map((id) => tables.chunks.get(id))
          .filter((chunk) => chunk !== undefined)
          .filter(isInScope)
          .sort(inPageOrder)
          .map((chunk) => toRecord(tables, chunk));
      }),
    chunksByUrl: (version, url, options) =>
      read(options, (tables) => {
        const page = findPage(tables, { version, url });
        return page === undefined ? [] : chunksOf(tables, page.id).map((chunk) => toRecord(tables, chunk));
      }),
    relatives: (request, options) =>
      read(options, (tables) => {
        checkRelativesRequest(request);
        const isInScope = scope(tables, request.version);
        return request.chunkIds.map((id) => {
          const chunk = tables.chunks.get(id);
          return chunk === undefined || !isInScope(chunk) ? null : relativesOf(tables, chunk, request);
        });
      }),
    snapshot: ({ version, after = 0, limit }, options) =>
      read(options, (tables) => {
        checkLimit(limit, 'limit', 1);
        const pages = pagesIn(tables, version).filter(({ id }) => id > after);
        return pages.slice(0, limit).map((page) => ({
          page,
          chunks: chunksOf(tables, page.id).map(({ pageId: _, text: __, vector, metadata, ...chunk }) => ({
            ...chunk,
            metadata: structuredClone(metadata),
            vector: vector === null ? null : vector.slice(),
          })),
        }));
      }),
  };
}

function byName<T extends { readonly name: string }>(records: T[]): T[] {
  return records.sort((a, b) => compareText(a.name, b.name));
}

function all(tables: Tables): VersionRecord[] {
  return byName([...tables.versions.values()].map(copy)).sort((a, b) => compareText(a.library, b.library));
}

/** Callers may change what they get. */
function copy(version: VersionRecord): VersionRecord {
  return structuredClone(version);
}

function copied(version: VersionRecord | undefined): VersionRecord | null {
  return version === undefined ? null : copy(version);
}

function pagesIn(tables: Tables, ref: VersionRef) {
  const version = findVersion(tables, ref);
  return version === undefined ? [] : pagesOf(tables, version.id);
}

function moment(timestamp: string | null): number {
  return timestamp === null ? Number.NEGATIVE_INFINITY : Date.parse(toIsoTimestamp(timestamp));
}

function overviewOf(tables: Tables, version: VersionRecord): VersionOverview {
  const pages = pagesOf(tables, version.id);
  const created = pages.map(({ createdAt }) => createdAt).filter((time) => time !== null);
  return {
    version,
    chunks: pages.reduce((sum, { id }) => sum + chunksOf(tables, id).length, 0),
    urls: pages.length,
    firstIndexedAt: created.sort((a, b) => moment(a) - moment(b))[0] ?? null,
  };
}

function scope(tables: Tables, ref: VersionRef | undefined): (chunk: StoredChunk) => boolean {
  if (ref === undefined) return () => true;
  const version = findVersion(tables, ref);
  return (chunk) => version !== undefined && pageOf(tables, chunk).versionId === version.id;
}

function relativesOf(tables: Tables, chunk: StoredChunk, request: RelativesRequest): Relatives {
  const outline = chunksOf(tables, chunk.pageId).map(({ id, metadata }) => ({ id, path: metadata.path }));
  const ids = selectRelatives(outline, chunk.id, request);
  const record = (id: number): ChunkRecord => toRecord(tables, tables.chunks.get(id) as StoredChunk);
  return {
    chunk: record(chunk.id),
    parent: ids.parent === null ? null : record(ids.parent),
    children: ids.children.map(record),
    precedingSiblings: ids.precedingSiblings.map(record),
    subsequentSiblings: ids.subsequentSiblings.map(record),
  };
}
