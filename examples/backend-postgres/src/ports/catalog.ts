import {
  type LibraryRecord,
  type PageRecord,
  type PageRef,
  type Timestamp,
  toIsoTimestamp,
  type VersionRecord,
  type VersionRef,
} from '@switchyard/storage-core';
import {
  type CallRunner,
  type Catalog,
  checkLimit,
  normalizePageRef,
  type PageSnapshot,
  toWellFormed,
} from '@switchyard/storage-core/backend';
import type { Query } from '../database/connection.js';
import type { Session } from '../database/session.js';
import { keyOf } from '../database/text.js';
import { libraryParameters, versionParameters } from '../references.js';
import {
  type ChunkRow,
  groupBy,
  type SnapshotRow,
  toChunk,
  toSnapshot,
  toVersion,
  type VersionRow,
} from '../rows.js';
import * as sql from '../sql/catalog.js';
import { readRelatives } from './relatives.js';

type Options = Parameters<CallRunner>[0];

const none = () => [];

/** Reads libraries, versions, pages and chunks, each call by one statement where that is possible. */
export function postgresCatalog(session: Session, run: CallRunner): Catalog {
  const rows = <Row extends object>(options: Options, text: string, values: () => readonly unknown[]) =>
    run(options, () => {
      const checked = values(); // before anything is read, also from an empty store
      return session.read<readonly Row[]>(options, none, (query) => query<Row>(text, checked));
    });
  const first = async <Row extends object>(
    options: Options,
    text: string,
    values: () => readonly unknown[],
  ) => (await rows<Row>(options, text, values))[0] ?? null;
  const versions = async (options: Options, text: string, values: () => readonly unknown[]) =>
    (await rows<VersionRow>(options, text, values)).map(toVersion);
  const chunks = async (options: Options, text: string, values: () => readonly unknown[]) =>
    (await rows<ChunkRow>(options, text, values)).map(toChunk);

  return {
    libraries: (options) => rows<LibraryRecord>(options, sql.LIBRARIES, none),
    library: (ref, options) => first<LibraryRecord>(options, sql.LIBRARY, () => libraryParameters(ref)),
    version: async (ref, options) =>
      (await versions(options, sql.VERSION, () => versionParameters(ref)))[0] ?? null,
    versions: (library, options) => versions(options, sql.VERSIONS, () => libraryParameters(library)),
    versionsByStatus: (statuses, options) => versions(options, sql.VERSIONS_BY_STATUS, () => [statuses]),
    versionsBySourceUrl: async (sourceUrl, options) =>
      (await versions(options, sql.VERSIONS_BY_SOURCE_URL, () => [toWellFormed(sourceUrl)])).sort(
        newestFirst,
      ),
    overview: async (options) => {
      const found = await rows<
        VersionRow & { chunks: number; urls: number; firstIndexedAt: Timestamp | null }
      >(options, sql.OVERVIEW, none);
      return found.map(({ chunks: count, urls, firstIndexedAt, ...version }) => ({
        version: toVersion(version),
        chunks: count,
        urls,
        firstIndexedAt,
      }));
    },
    hasChunks: async (version, options) =>
      (await first<{ found: boolean }>(options, sql.HAS_CHUNKS, () => versionParameters(version)))?.found ??
      false,
    pages: (request, options) =>
      rows<PageRecord>(options, sql.PAGES, () => {
        const { after = 0, limit } = request;
        checkLimit(after, 'after');
        checkLimit(limit ?? 1, 'limit', 1);
        return [...versionParameters(request), after, limit ?? null];
      }),
    page: (ref, options) => {
      const { text, values } = pageStatement(ref);
      return first<PageRecord>(options, text, () => values);
    },
    chunks: (ids, version, options) => chunks(options, sql.CHUNKS, () => chunkParameters(ids, version)),
    chunksByUrl: (version, url, options) =>
      chunks(options, sql.CHUNKS_BY_URL, () => [...versionParameters(version), keyOf(toWellFormed(url))]),
    relatives: (request, options) => run(options, () => readRelatives(session, request, options)),
    snapshot: (request, options) =>
      run(options, () => {
        const { version, after = 0, limit } = request;
        checkLimit(limit, 'limit', 1);
        checkLimit(after, 'after');
        const values = [...versionParameters(version), after, limit];
        return session.snapshot<readonly PageSnapshot[]>(options, none, (query) => snapshot(query, values));
      }),
  };
}

/** Returns the parameters of statements about chunks: those of a version, the ids, and true for any version. */
export function chunkParameters(ids: readonly number[], version: VersionRef | undefined): readonly unknown[] {
  const ofVersion = version === undefined ? [null, null, null] : versionParameters(version);
  return [...ofVersion, ids.filter(Number.isSafeInteger), version === undefined];
}

function pageStatement(ref: PageRef): { readonly text: string; readonly values: readonly unknown[] } {
  const normal = normalizePageRef(ref);
  if ('pageId' in normal) return { text: sql.PAGE_BY_ID, values: [normal.pageId] };
  return { text: sql.PAGE_BY_URL, values: [...versionParameters(normal.version), keyOf(normal.url)] };
}

async function snapshot(query: Query, values: readonly unknown[]): Promise<readonly PageSnapshot[]> {
  const pages = await query<PageRecord>(sql.PAGES, values);
  const chunks = await query<SnapshotRow>(sql.SNAPSHOT_CHUNKS, [pages.map(({ id }) => id)]);
  const byPage = groupBy(chunks, ({ pageId }) => pageId);
  return pages.map((page) => ({ page, chunks: (byPage.get(page.id) ?? []).map(toSnapshot) }));
}

function newestFirst(a: VersionRecord, b: VersionRecord): number {
  return moment(b) - moment(a) || b.id - a.id;
}

/** Time of creation; 0 if it is unknown. */
function moment({ createdAt }: VersionRecord): number {
  return createdAt === null ? 0 : Date.parse(toIsoTimestamp(createdAt)) || 0;
}
