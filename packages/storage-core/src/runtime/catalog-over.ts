import type { CallOptions } from '../ports/call-options.js';
import type { Catalog, ContextOptions, PageRange, Relatives, RelativesRequest } from '../ports/catalog.js';
import type { Migrator } from '../ports/migrator.js';
import type { ChunkId, VersionRef } from '../values/ids.js';
import {
  type Timestamp,
  toIsoTimestamp,
  type VersionOverview,
  type VersionRecord,
} from '../values/records.js';
import { selectRelatives } from '../values/relatives.js';
import { compareText } from '../values/text-order.js';
import { toWellFormed } from '../values/well-formed.js';
import type { CallRunner } from './backend-base.js';
import {
  type CatalogRows,
  type ChunkRow,
  chunksIn,
  findLibraryIn,
  findPageIn,
  findVersionIn,
  inPageOrder,
  pagesIn,
  toChunkRecord,
  toPageSnapshot,
} from './catalog-rows.js';
import { checkLimit, checkRelativesRequest } from './validate.js';

/** Runs a read of {@link catalogOver} on the current rows. */
export type RowsReader = <T>(options: CallOptions | undefined, work: (rows: CatalogRows) => T) => Promise<T>;

/**
 * Creates the `catalog` port of a backend whose rows are in memory, such as a store in a JSON file. Every read sees one
 * state of the rows, and returns values that the caller may modify.
 *
 * @param read Passes the rows to a read; they must not change while it runs.
 *
 * @example
 * ```ts
 * const rows: CatalogRows = { libraries: new Map(), versions: new Map(), pages: new Map(), chunks: new Map() };
 * const catalog = catalogOver(async (_, work) => work(rows)); // in a backend: this.run(options, () => work(rows))
 * await catalog.libraries(); // []
 * ```
 */
export function catalogOver(read: RowsReader): Catalog {
  return {
    libraries: (options) => read(options, (rows) => byName([...rows.libraries.values()])),
    library: (ref, options) => read(options, (rows) => findLibraryIn(rows, ref) ?? null),
    version: (ref, options) =>
      read(options, (rows) => {
        const version = findVersionIn(rows, ref);
        return version === undefined ? null : copyVersion(version);
      }),
    versions: (ref, options) =>
      read(options, (rows) => {
        const id = findLibraryIn(rows, ref)?.id;
        return versionsIn(rows).filter(({ libraryId }) => libraryId === id);
      }),
    versionsByStatus: (statuses, options) =>
      read(options, (rows) => versionsIn(rows).filter(({ status }) => statuses.includes(status))),
    versionsBySourceUrl: (sourceUrl, options) =>
      read(options, (rows) =>
        versionsIn(rows)
          .filter((version) => version.sourceUrl === toWellFormed(sourceUrl))
          .sort((a, b) => moment(b.createdAt) - moment(a.createdAt) || b.id - a.id),
      ),
    overview: (options) =>
      read(options, (rows) => versionsIn(rows).map((version) => overviewOf(rows, version))),
    hasChunks: (ref, options) =>
      read(options, (rows) => pagesOf(rows, ref).some(({ id }) => chunksIn(rows, id).length > 0)),
    pages: (ref, options) =>
      read(options, (rows) => {
        checkLimit(ref.limit ?? 1, 'limit', 1);
        return inRange(rows, ref, ref);
      }),
    page: (ref, options) => read(options, (rows) => findPageIn(rows, ref) ?? null),
    chunks: (ids, version, options) =>
      read(options, (rows) => {
        const isInScope = scopeOf(rows, version);
        const found = [...new Set(ids)].flatMap((id) => rows.chunks.get(id) ?? []).filter(isInScope);
        return found.sort(inPageOrder).map((chunk) => toChunkRecord(rows, chunk));
      }),
    chunksByUrl: (version, url, options) =>
      read(options, (rows) => {
        const page = findPageIn(rows, { version, url });
        return page === undefined ? [] : chunksIn(rows, page.id).map((chunk) => toChunkRecord(rows, chunk));
      }),
    relatives: (request, options) => read(options, (rows) => relativesIn(rows, request)),
    snapshot: (request, options) =>
      read(options, (rows) => {
        checkLimit(request.limit, 'limit', 1);
        return inRange(rows, request.version, request).map((page) => toPageSnapshot(rows, page));
      }),
  };
}

/** Implements `Catalog.relatives` for rows in memory. */
export function relativesIn(rows: CatalogRows, request: RelativesRequest): (Relatives | null)[] {
  checkRelativesRequest(request);
  const isInScope = scopeOf(rows, request.version);
  return request.chunkIds.map((id) => {
    const chunk = rows.chunks.get(id);
    return chunk === undefined || !isInScope(chunk) ? null : relativesOf(rows, chunk, request);
  });
}

function relativesOf(rows: CatalogRows, chunk: ChunkRow, context: ContextOptions): Relatives {
  const outline = chunksIn(rows, chunk.pageId).map(({ id, metadata }) => ({ id, path: metadata.path }));
  const ids = selectRelatives(outline, chunk.id, context);
  const record = (id: ChunkId) => toChunkRecord(rows, rows.chunks.get(id) as ChunkRow);
  return {
    chunk: record(chunk.id),
    parent: ids.parent === null ? null : record(ids.parent),
    children: ids.children.map(record),
    precedingSiblings: ids.precedingSiblings.map(record),
    subsequentSiblings: ids.subsequentSiblings.map(record),
  };
}

function byName<T extends { readonly name: string }>(records: T[]): T[] {
  return records.sort((a, b) => compareText(a.name, b.name));
}

/** Returns copies of all versions, by library name, then by version name. */
function versionsIn({ versions }: CatalogRows): VersionRecord[] {
  return byName([...versions.values()].map(copyVersion)).sort((a, b) => compareText(a.library, b.library));
}

function copyVersion(version: VersionRecord): VersionRecord {
  return { ...version, scraperOptions: structuredClone(version.scraperOptions) };
}

function overviewOf(rows: CatalogRows, version: VersionRecord): VersionOverview {
  const pages = pagesIn(rows, version.id);
  const times = pages.flatMap(({ createdAt }) => createdAt ?? []).sort((a, b) => moment(a) - moment(b));
  const chunks = pages.reduce((sum, { id }) => sum + chunksIn(rows, id).length, 0);
  return { version, chunks, urls: pages.length, firstIndexedAt: times[0] ?? null };
}

function moment(timestamp: Timestamp | null): number {
  return timestamp === null ? Number.NEGATIVE_INFINITY : Date.parse(toIsoTimestamp(timestamp));
}

function pagesOf(rows: CatalogRows, ref: VersionRef) {
  return pagesIn(rows, findVersionIn(rows, ref)?.id);
}

function inRange(rows: CatalogRows, ref: VersionRef, { after = 0, limit }: PageRange) {
  checkLimit(after, 'after');
  return pagesOf(rows, ref)
    .filter(({ id }) => id > after)
    .slice(0, limit);
}

/** Returns a test for chunks of a version; all pass without one. */
function scopeOf(rows: CatalogRows, ref: VersionRef | undefined): (chunk: ChunkRow) => boolean {
  if (ref === undefined) return () => true;
  const version = findVersionIn(rows, ref);
  return ({ pageId }) => version !== undefined && rows.pages.get(pageId)?.versionId === version.id;
}

/**
 * Creates the `migrator` port of a backend whose schema has had one level so far.
 *
 * @param run Runs a call of the backend, such as `BackendBase.run`.
 *
 * @example
 * ```ts
 * const migrator = singleLevelMigrator(async (_, work) => work(), 1);
 * await migrator.plan(); // { from: 1, to: 1, steps: [] }
 * ```
 */
export function singleLevelMigrator(run: CallRunner, level: number): Migrator {
  return {
    status: (options) => run(options, () => ({ state: 'current', level, latest: level })),
    plan: (options) => run(options, () => ({ from: level, to: level, steps: [] })),
    migrate: (options) =>
      run(options, () => ({ from: level, to: level, applied: [], dryRun: options?.dryRun === true })),
  };
}
