import {
  type LibraryRecord,
  type ResolveVersion,
  type SetScraperOptions,
  type SetVersionProgress,
  type SetVersionStatus,
  StorageError,
  type VersionRecord,
  type VersionRef,
} from '@switchyard/storage-core';
import {
  type MutationResults,
  normalizeLibraryName,
  normalizeVersionName,
  sqlTimestamp,
} from '@switchyard/storage-core/backend';
import { BACKEND_NAME } from '../capabilities.js';
import type { Query } from '../database/connection.js';
import type { Transaction } from '../database/session.js';
import { keyOf } from '../database/text.js';
import { findVersionId } from '../references.js';
import * as sql from '../sql/writes.js';
import { assignId, clash } from './ids.js';

/** A row that has the id or the name of another one. */
interface Like {
  readonly id: number;
  readonly name: string;
}

/** Returns the ids of a version and its library, which are created if absent. */
export async function resolveVersion(
  transaction: Transaction,
  { library, version, ids }: Pick<ResolveVersion, 'library' | 'version' | 'ids'>,
): Promise<MutationResults['resolveVersion']> {
  const { query, state, changes } = transaction;
  const libraryId = await resolveLibrary(transaction, normalizeLibraryName(library), ids?.libraryId);
  const name = normalizeVersionName(version);
  const [known] = await query<Like>(sql.VERSIONS_LIKE, [0, libraryId, keyOf(name)]);
  if (known !== undefined) {
    requireSameId('version', name, known.id, ids?.versionId);
    return { libraryId, versionId: known.id, created: false };
  }
  const versionId = assignId(state, ids?.versionId);
  const [other] = await query<Like>(sql.VERSIONS_LIKE, [versionId, null, null]);
  if (other !== undefined) clash(`The id ${versionId} belongs to another version.`);
  const created = sqlTimestamp();
  await query(sql.PUT_VERSION, [
    ...[versionId, libraryId, name, keyOf(name), 'not_indexed', 0, 0, null, null, null],
    ...[created, null, created],
  ]);
  await changes.version(versionId);
  return { libraryId, versionId, created: true };
}

async function resolveLibrary(
  { query, state, changes }: Transaction,
  name: string,
  id: number | undefined,
): Promise<number> {
  const [known] = await query<Like>(sql.LIBRARIES_LIKE, [0, keyOf(name)]);
  if (known !== undefined) {
    requireSameId('library', name, known.id, id);
    return known.id;
  }
  const libraryId = assignId(state, id);
  const [other] = await query<Like>(sql.LIBRARIES_LIKE, [libraryId, null]);
  if (other !== undefined) clash(`The id ${libraryId} belongs to another library.`);
  await query(sql.PUT_LIBRARY, [libraryId, name, keyOf(name), sqlTimestamp()]);
  await changes.library(libraryId);
  return libraryId;
}

/** Writes a library with every column. @throws StorageError `STORAGE_CONSTRAINT` */
export async function putLibrary(
  { query, state, changes }: Transaction,
  library: LibraryRecord,
): Promise<void> {
  const { id, createdAt } = library;
  const name = normalizeLibraryName(library.name);
  for (const other of await query<Like>(sql.LIBRARIES_LIKE, [id, keyOf(name)])) {
    if (other.id !== id || other.name !== name) {
      clash(`The library ${name} (${id}) clashes with ${other.name} (${other.id}).`);
    }
  }
  await query(sql.PUT_LIBRARY, [assignId(state, id), name, keyOf(name), createdAt]);
  await changes.library(id);
}

/** Writes a version and its library with every column. @throws StorageError `STORAGE_CONSTRAINT` */
export async function putVersion(
  transaction: Transaction,
  library: LibraryRecord,
  version: VersionRecord,
): Promise<void> {
  const { query, state } = transaction;
  await putLibrary(transaction, library);
  const { id } = version;
  const name = normalizeVersionName(version.name);
  for (const other of await query<Like & { libraryId: number }>(sql.VERSIONS_LIKE, [
    id,
    library.id,
    keyOf(name),
  ])) {
    if (other.id !== id || other.libraryId !== library.id || other.name !== name) {
      clash(`The version ${name} (${id}) clashes with ${other.name} (${other.id}).`);
    }
  }
  const { status, progressPages, progressMaxPages, errorMessage, sourceUrl, scraperOptions } = version;
  await query(sql.PUT_VERSION, [
    ...[assignId(state, id), library.id, name, keyOf(name), status, progressPages, progressMaxPages],
    ...[errorMessage, sourceUrl, json(scraperOptions)],
    ...[version.createdAt, version.startedAt, version.updatedAt],
  ]);
  await transaction.changes.version(id);
}

/** Changes columns of a version and returns its id; null for an unknown version that is ignored. */
export async function changeVersion(
  { query, changes }: Transaction,
  mutation: SetVersionStatus | SetVersionProgress | SetScraperOptions,
): Promise<number | null> {
  const { version, ifMissing } = mutation;
  const id =
    ifMissing === 'ignore' ? await findVersionId(query, version) : await requireVersionId(query, version);
  if (id === null) return null;
  switch (mutation.kind) {
    case 'setVersionStatus':
      await query(sql.SET_STATUS, [id, mutation.status, mutation.errorMessage ?? null, sqlTimestamp()]);
      break;
    case 'setVersionProgress':
      await query(sql.SET_PROGRESS, [id, mutation.pages, mutation.maxPages, sqlTimestamp()]);
      break;
    case 'setScraperOptions':
      await query(sql.SET_SOURCE, [id, mutation.sourceUrl, json(mutation.options), sqlTimestamp()]);
      break;
  }
  await changes.version(id);
  return id;
}

/** Returns the id of a version that must exist. @throws StorageError `STORAGE_NOT_FOUND` */
export async function requireVersionId(query: Query, ref: VersionRef): Promise<number> {
  const id = await findVersionId(query, ref);
  if (id !== null) return id;
  throw new StorageError('STORAGE_NOT_FOUND', `There is no version ${JSON.stringify(ref)}.`, {
    backend: BACKEND_NAME,
    outcome: 'not-applied',
  });
}

function requireSameId(what: string, name: string, known: number, given: number | undefined): void {
  if (given !== undefined && given !== known) clash(`The ${what} ${name} has the id ${known}, not ${given}.`);
}

function json(value: object | null): string | null {
  return value === null ? null : JSON.stringify(value);
}
