import type { SqlValue } from '@switchyard/sqlite-common';
import type { Mutation, MutationKind, MutationResult } from '@switchyard/storage-core';
import { checkMutation, normalizeLibraryRef, normalizePageFilter } from '@switchyard/storage-core/backend';
import { versionValues } from '../catalog/version-ref.js';
import type { RemoteDriver } from '../driver/remote-driver.js';
import * as sql from './deletion-statements.js';

/** Counts of what is to be deleted. */
interface FoundRow {
  /** JSON array of the ids of versions or pages. */
  readonly ids: string;
  readonly chunks: number;
  readonly dimension: number | null;
}

interface FoundVersions extends FoundRow {
  readonly pages: number;
  readonly library: number | null;
  /** Number of versions of the library that stay. */
  readonly others: number;
  readonly libraries: number;
}

const DELETIONS: ReadonlySet<MutationKind> = new Set([
  'deletePage',
  'deletePages',
  'removeVersion',
  'removeLibrary',
  'clear',
]);

/**
 * Deletes pages, versions or everything by two requests: one finds and counts, the other deletes exactly that in a
 * transaction, or nothing if that has changed.
 *
 * @returns Null if the mutation is of another kind, nothing was found, or another writer came between: nothing was deleted
 * then, and the caller applies the mutation statement by statement.
 */
export function deleteAtOnce(driver: RemoteDriver, mutation: Mutation): MutationResult | null {
  if (!DELETIONS.has(mutation.kind)) return null;
  checkMutation(mutation, undefined);
  switch (mutation.kind) {
    case 'deletePage':
      return 'pageId' in mutation.page
        ? deletePages(driver, 'deletePage', sql.FIND_PAGE, [mutation.page.pageId], null)
        : null;
    case 'deletePages': {
      if (mutation.filter === undefined) return deleteVersions(driver, mutation);
      const { urlPrefix, notUpdatedSince } = normalizePageFilter(mutation.filter);
      const values = [...versionValues(mutation.version), urlPrefix, notUpdatedSince];
      return deletePages(driver, 'deletePages', sql.FIND_MATCHING_PAGES, values, notUpdatedSince);
    }
    case 'removeVersion':
    case 'removeLibrary':
    case 'clear':
      return deleteVersions(driver, mutation);
    default:
      return null;
  }
}

function deletePages(
  driver: RemoteDriver,
  kind: 'deletePage' | 'deletePages',
  statement: string,
  values: readonly SqlValue[],
  notUpdatedSince: number | null,
): MutationResult | null {
  const found = driver.first<FoundRow>(statement, values);
  const pageIds = idsIn(found);
  if (found === undefined || pageIds.length === 0) return null;
  const list = sql.numbers(pageIds);
  const isDone = run(driver, {
    pageIds,
    dimension: found.dimension,
    unchanged: [
      `(SELECT count(*) FROM pages WHERE id IN (${list})) = ${pageIds.length}`,
      `(SELECT count(*) FROM documents WHERE page_id IN (${list})) = ${found.chunks}`,
      ...(notUpdatedSince === null ? [] : [sql.stillOlder(pageIds, notUpdatedSince)]),
    ],
    after: [],
  });
  return isDone ? { kind, pagesDeleted: pageIds.length, chunksDeleted: found.chunks } : null;
}

type OfVersions = Extract<Mutation, { kind: 'deletePages' | 'removeVersion' | 'removeLibrary' | 'clear' }>;

function deleteVersions(driver: RemoteDriver, mutation: OfVersions): MutationResult | null {
  const found = findVersions(driver, mutation);
  const versionIds = idsIn(found);
  if (found === undefined) return null;
  const isOneVersion = mutation.kind === 'deletePages' || mutation.kind === 'removeVersion';
  if (isOneVersion ? versionIds.length === 0 : mutation.kind === 'removeLibrary' && found.library === null) {
    return null;
  }
  const list = sql.numbers(versionIds);
  const library = found.library === null ? null : sql.numbers([found.library]);
  const leavesLibrary =
    mutation.kind === 'removeVersion' && (mutation.removeLibrary === false || found.others > 0);
  const isDone = run(driver, {
    versionIds,
    dimension: found.dimension,
    unchanged: [
      `(SELECT count(*) FROM versions WHERE id IN (${list})) = ${versionIds.length}`,
      `(SELECT count(*) FROM pages WHERE version_id IN (${list})) = ${found.pages}`,
      `(SELECT count(*) FROM documents WHERE version_id IN (${list})) = ${found.chunks}`,
      ...(library === null
        ? [
            `(SELECT count(*) FROM versions) = ${versionIds.length}`,
            `(SELECT count(*) FROM libraries) = ${found.libraries}`,
          ]
        : [
            `(SELECT count(*) FROM versions WHERE library_id = ${library} AND id NOT IN (${list})) = ${found.others}`,
          ]),
    ],
    after: [
      ...(mutation.kind === 'deletePages' ? [] : [`DELETE FROM versions WHERE id IN (${list})`]),
      ...(mutation.kind === 'deletePages' || leavesLibrary
        ? []
        : [library === null ? 'DELETE FROM libraries' : `DELETE FROM libraries WHERE id = ${library}`]),
    ],
  });
  if (!isDone) return null;
  const { pages: pagesDeleted, chunks: chunksDeleted } = found;
  switch (mutation.kind) {
    case 'deletePages':
      return { kind: 'deletePages', pagesDeleted, chunksDeleted };
    case 'removeVersion':
      return { kind: 'removeVersion', chunksDeleted, versionDeleted: true, libraryDeleted: !leavesLibrary };
    case 'removeLibrary': {
      const counts = { versionsDeleted: versionIds.length, pagesDeleted, chunksDeleted };
      return { kind: 'removeLibrary', ...counts, libraryDeleted: true };
    }
    case 'clear': {
      const counts = { versionsDeleted: versionIds.length, pagesDeleted, chunksDeleted };
      return { kind: 'clear', ...counts, librariesDeleted: found.libraries };
    }
  }
}

function findVersions(driver: RemoteDriver, mutation: OfVersions): FoundVersions | undefined {
  switch (mutation.kind) {
    case 'clear':
      return driver.first<FoundVersions>(sql.FIND_ALL);
    case 'removeLibrary': {
      const ref = normalizeLibraryRef(mutation.library);
      const values = 'libraryId' in ref ? [ref.libraryId, null] : [null, ref.library];
      return driver.first<FoundVersions>(sql.FIND_LIBRARY, values);
    }
    default:
      return driver.first<FoundVersions>(sql.FIND_VERSION, versionValues(mutation.version));
  }
}

function idsIn(found: FoundRow | undefined): readonly number[] {
  return found === undefined ? [] : (JSON.parse(found.ids) as number[]);
}

/** Maximum length of a script; a longer one is left to statements, which take the ids as values. */
const MAX_SCRIPT_LENGTH = 1_000_000;

/** @returns False if another writer came between, or the script would be too long; nothing was deleted. */
function run(driver: RemoteDriver, deletion: sql.Deletion): boolean {
  const script = sql.deletionScript(deletion);
  if (script.length > MAX_SCRIPT_LENGTH) return false;
  try {
    driver.exec(script);
    return true;
  } catch (error) {
    if (error instanceof Error && sql.CHANGED.test(error.message)) return false;
    throw error;
  }
}
