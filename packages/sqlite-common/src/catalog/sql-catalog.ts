import type {
  CallOptions,
  ChunkId,
  ChunkRecord,
  LibraryId,
  LibraryRecord,
  LibraryRef,
  PageId,
  PageRecord,
  PageRef,
  VersionId,
  VersionOverview,
  VersionRecord,
  VersionRef,
  VersionStatus,
} from '@switchyard/storage-core';
import {
  type CallRunner,
  type Catalog,
  type ChunkSnapshot,
  checkId,
  checkLimit,
  checkRelativesRequest,
  lastKey,
  normalizeVersionRef,
  type PageRange,
  type PageSnapshot,
  type Relatives,
  type RelativesRequest,
  type SnapshotRequest,
  toWellFormed,
} from '@switchyard/storage-core/backend';
import type { SqliteDriver, SqlRow, SqlValue } from '../driver.js';
import { countReplacedTexts } from '../rows/decode-rows.js';
import { parseMetadata } from '../rows/metadata.js';
import { toChunk, toLibrary, toPage, toVersion } from '../rows/row-mapping.js';
import { toInteger, toText } from '../rows/text.js';
import * as sql from './catalog-statements.js';
import { findLibraryId, findPageId, findVersionId, readInScope } from './references.js';
import { readRelatives } from './relatives.js';
import { RowNames } from './row-names.js';

/** Dependencies of a {@link SqlCatalog}. */
export interface SqlCatalogContext {
  /** Runs each call under the lifecycle of the backend. */
  readonly run: CallRunner;
  /** Returns the current connection; called each time, because a backend may reopen it. */
  readonly driver: () => SqliteDriver;
  /** Returns the valid vectors of all chunks of these pages, by chunk id. Called inside a read transaction. */
  readonly vectorsOfPages: (pageIds: readonly PageId[]) => ReadonlyMap<ChunkId, Float32Array>;
  /** Maximum number of chunks with texts per statement, where results must stay small. Default: all. */
  readonly chunksAtOnce?: number | undefined;
  /** True if snapshots include the creation time of chunks; false where reading it is slow. Default true. */
  readonly chunkTimes?: boolean | undefined;
}

/** Catalog reads shared by the SQLite backends. */
export class SqlCatalog implements Catalog {
  readonly #context: SqlCatalogContext;

  constructor(context: SqlCatalogContext) {
    this.#context = context;
  }

  libraries(options?: CallOptions): Promise<readonly LibraryRecord[]> {
    return this.#read(options, (driver) => libraries(driver, driver.all<SqlRow>(sql.LIBRARIES)));
  }

  library(ref: LibraryRef, options?: CallOptions): Promise<LibraryRecord | null> {
    return this.#read(options, (driver) => {
      const id = findLibraryId(driver, ref);
      return id === null ? null : readLibrary(driver, id);
    });
  }

  version(ref: VersionRef, options?: CallOptions): Promise<VersionRecord | null> {
    return this.#read(options, (driver) => {
      const id = findVersionId(driver, ref);
      return id === null ? null : readVersion(driver, id);
    });
  }

  versions(library: LibraryRef, options?: CallOptions): Promise<readonly VersionRecord[]> {
    return this.#read(options, (driver) => {
      const id = findLibraryId(driver, library);
      return id === null ? [] : versions(driver, driver.all<SqlRow>(sql.VERSIONS_OF_LIBRARY, [id]));
    });
  }

  versionsByStatus(
    statuses: readonly VersionStatus[],
    options?: CallOptions,
  ): Promise<readonly VersionRecord[]> {
    return this.#read(options, (driver) =>
      versions(driver, driver.all<SqlRow>(sql.VERSIONS_BY_STATUS, [JSON.stringify(statuses)])),
    );
  }

  versionsBySourceUrl(sourceUrl: string, options?: CallOptions): Promise<readonly VersionRecord[]> {
    return this.#read(options, (driver) =>
      versions(driver, driver.all<SqlRow>(sql.VERSIONS_BY_SOURCE_URL, [toWellFormed(sourceUrl)])),
    );
  }

  overview(options?: CallOptions): Promise<readonly VersionOverview[]> {
    return this.#read(options, (driver) => {
      const names = new RowNames(driver);
      return driver.all<SqlRow>(sql.OVERVIEW).map((row) => toOverview(row, names));
    });
  }

  hasChunks(version: VersionRef, options?: CallOptions): Promise<boolean> {
    return this.#read(options, (driver) => {
      const id = findVersionId(driver, version);
      return id !== null && driver.first<{ found: number }>(sql.HAS_CHUNKS, [id])?.found === 1;
    });
  }

  pages(version: VersionRef & PageRange, options?: CallOptions): Promise<readonly PageRecord[]> {
    return this.#read(options, (driver) => {
      const { after = 0, limit } = version;
      checkLimit(after, 'after');
      checkLimit(limit ?? 1, 'limit', 1);
      const id = findVersionId(driver, version);
      if (id === null) return [];
      return pages(driver, pageRowsAfter(driver, id, after, limit ?? -1));
    });
  }

  page(ref: PageRef, options?: CallOptions): Promise<PageRecord | null> {
    return this.#read(options, (driver) => {
      const id = findPageId(driver, ref);
      return id === null ? null : (pages(driver, driver.all<SqlRow>(sql.PAGE, [id]))[0] ?? null);
    });
  }

  chunks(
    ids: readonly ChunkId[],
    version?: VersionRef,
    options?: CallOptions,
  ): Promise<readonly ChunkRecord[]> {
    return this.#read(options, (driver) => readChunks(driver, ids, version));
  }

  chunksByUrl(version: VersionRef, url: string, options?: CallOptions): Promise<readonly ChunkRecord[]> {
    return this.#read(options, (driver) => {
      const id = findPageId(driver, { version: normalizeVersionRef(version), url });
      return id === null ? [] : chunks(driver, driver.all<SqlRow>(sql.CHUNKS_OF_PAGE, [id]));
    });
  }

  relatives(request: RelativesRequest, options?: CallOptions): Promise<readonly (Relatives | null)[]> {
    return this.#read(options, (driver) => {
      checkRelativesRequest(request);
      return readRelatives(driver, request);
    });
  }

  snapshot(request: SnapshotRequest, options?: CallOptions): Promise<readonly PageSnapshot[]> {
    return this.#read(options, (driver) => {
      checkLimit(request.limit, 'limit', 1);
      checkLimit(request.after ?? 0, 'after');
      return driver.readTransaction(() => this.#snapshot(driver, request));
    });
  }

  #snapshot(driver: SqliteDriver, { version, after = 0, limit }: SnapshotRequest): PageSnapshot[] {
    const versionId = findVersionId(driver, version);
    if (versionId === null) return [];
    return this.#snapshotsOf(driver, pageRowsAfter(driver, versionId, after, limit));
  }

  /** Reads a page with its chunks and vectors, inside a transaction; null if it does not exist. */
  readPage(driver: SqliteDriver, id: PageId): PageSnapshot | null {
    return this.#snapshotsOf(driver, driver.all<SqlRow>(sql.PAGE, [id]))[0] ?? null;
  }

  #snapshotsOf(driver: SqliteDriver, pageRows: readonly SqlRow[]): PageSnapshot[] {
    const read = pages(driver, pageRows);
    if (read.length === 0) return [];
    const pageIds = read.map((page) => page.id);
    const rows = readChunksOfPages(driver, pageIds, this.#context);
    const vectors = this.#context.vectorsOfPages(pageIds);
    const byPage = new Map<PageId, ChunkSnapshot[]>(pageIds.map((id) => [id, []]));
    const replaced = new Map<PageId, number>();
    const count = (pageId: PageId, row: SqlRow) => {
      const texts = countReplacedTexts(row);
      if (texts > 0) replaced.set(pageId, (replaced.get(pageId) ?? 0) + texts);
    };
    for (const row of pageRows) count(toInteger(row.id, 0), row);
    for (const row of rows) {
      const pageId = toInteger(row.page_id, 0);
      byPage.get(pageId)?.push(toChunkSnapshot(row, vectors));
      count(pageId, row);
    }
    return read.map((page) => {
      const snapshot = { page, chunks: byPage.get(page.id) ?? [] };
      const textsReplaced = replaced.get(page.id);
      return textsReplaced === undefined ? snapshot : { ...snapshot, textsReplaced };
    });
  }

  #read<T>(options: CallOptions | undefined, work: (driver: SqliteDriver) => T): Promise<T> {
    return this.#context.run(options, () => work(this.#context.driver()));
  }
}

/** Returns a library; null if it does not exist. */
export function readLibrary(driver: SqliteDriver, id: LibraryId): LibraryRecord | null {
  return libraries(driver, driver.all<SqlRow>(sql.LIBRARY, [id]))[0] ?? null;
}

/** Returns a version; null if it does not exist. */
export function readVersion(driver: SqliteDriver, id: VersionId): VersionRecord | null {
  return versions(driver, driver.all<SqlRow>(sql.VERSION, [id]))[0] ?? null;
}

/** Returns the existing chunks with these ids, each once, by sort order, then id; only those of a version if given. */
export function readChunks(
  driver: SqliteDriver,
  ids: readonly ChunkId[],
  version?: VersionRef,
): ChunkRecord[] {
  for (const id of ids) checkId(id, 'A chunk id');
  const list = JSON.stringify(ids);
  if (version !== undefined) normalizeVersionRef(version);
  if (ids.length === 0) return [];
  if (version === undefined) return chunks(driver, driver.all<SqlRow>(sql.CHUNKS, [list]));
  const read = (scope: readonly SqlValue[]) => driver.all<SqlRow>(sql.CHUNKS_OF_VERSION, [list, ...scope]);
  return chunks(driver, readInScope(driver, version, read));
}

/** Reads the chunks of pages in order of page, sort order and id, in one or more statements. */
function readChunksOfPages(
  driver: SqliteDriver,
  pageIds: readonly PageId[],
  { chunksAtOnce: atOnce = -1, chunkTimes = true }: Pick<SqlCatalogContext, 'chunksAtOnce' | 'chunkTimes'>,
): SqlRow[] {
  const statement = chunkTimes ? sql.CHUNKS_OF_PAGES : sql.CHUNKS_OF_PAGES_WITHOUT_TIMES;
  const pages = JSON.stringify(pageIds);
  const rows: SqlRow[] = [];
  // Sort orders may be negative; ids and page ids are not.
  let after: ChunkPosition = [-1, 0, 0];
  for (;;) {
    const part = driver.all<SqlRow>(statement, [pages, ...after, atOnce]);
    for (const row of part) rows.push(row);
    const last = part.at(-1);
    if (atOnce < 0 || part.length < atOnce || last === undefined) return rows;
    const next = [toInteger(last.page_id, 0), toInteger(last.sort_order, 0), toInteger(last.id, 0)] as const;
    requireForward(after, next);
    after = next;
  }
}

type ChunkPosition = readonly [page: number, sortOrder: number, id: number];

/** The next part of the chunks must begin after this one, or reading them would never end. */
function requireForward(before: ChunkPosition, last: ChunkPosition): void {
  const at = before.findIndex((key, index) => key !== last[index]);
  lastKey([last[Math.max(at, 0)] ?? 0], before[Math.max(at, 0)] ?? 0, 'chunks');
}

function toOverview(row: SqlRow, names: RowNames): VersionOverview {
  return {
    version: names.ofVersion(toVersion(row)),
    chunks: toInteger(row.chunks, 0),
    urls: toInteger(row.urls, 0),
    firstIndexedAt: toText(row.first_indexed_at),
  };
}

function toChunkSnapshot(row: SqlRow, vectors: ReadonlyMap<ChunkId, Float32Array>): ChunkSnapshot {
  const id = toInteger(row.id, 0);
  return {
    id,
    content: toText(row.content) ?? '',
    metadata: parseMetadata(toText(row.metadata)),
    sortOrder: toInteger(row.sort_order, 0),
    createdAt: toText(row.created_at),
    vector: vectors.get(id) ?? null,
  };
}

function libraries(driver: SqliteDriver, rows: readonly SqlRow[]): LibraryRecord[] {
  const names = new RowNames(driver);
  return rows.map((row) => names.ofLibrary(toLibrary(row)));
}

function versions(driver: SqliteDriver, rows: readonly SqlRow[]): VersionRecord[] {
  const names = new RowNames(driver);
  return rows.map((row) => names.ofVersion(toVersion(row)));
}

function pages(driver: SqliteDriver, rows: readonly SqlRow[]): PageRecord[] {
  const names = new RowNames(driver);
  return rows.map((row) => names.ofPage(toPage(row)));
}

/** Rows of the pages of a version after an id; a limit of -1 returns all. */
function pageRowsAfter(driver: SqliteDriver, versionId: VersionId, after: number, limit: number): SqlRow[] {
  const rows = driver.all<SqlRow>(sql.PAGES_AFTER, [versionId, after, limit]);
  lastKey(
    rows.map(({ id }) => toInteger(id, 0)),
    after,
    'pages',
  );
  return rows;
}

function chunks(driver: SqliteDriver, rows: readonly SqlRow[]): ChunkRecord[] {
  const names = new RowNames(driver);
  return rows.map((row) => names.ofChunk(toChunk(row)));
}
