import { StorageError, type VersionId, type VersionRef } from '@switchyard/storage-core';
import { findVersionId } from '../catalog/references.js';
import type { SqliteDriver } from '../driver.js';
import type { ChunkStore } from './chunk-store.js';

/** Kinds of rows that have ids. */
export type IdKind = 'library' | 'version' | 'page' | 'chunk';

/** State shared by the mutations of one list. */
export interface MutationContext {
  readonly driver: SqliteDriver;
  readonly chunks: ChunkStore;
  /** Time of the write, in UTC, formatted as CURRENT_TIMESTAMP. */
  readonly now: string;
  /** Returns the first of some new ids; null if SQLite assigns them. Default: always null. */
  readonly takeIds?: ((kind: IdKind, count: number) => number | null) | undefined;
}

const VERSION_EXISTS = `
  SELECT 1 AS found FROM versions WHERE id = ?1`;

/** Returns the id of an existing version; null if it does not exist. */
export function existingVersionId({ driver }: MutationContext, ref: VersionRef): VersionId | null {
  const id = findVersionId(driver, ref);
  if (id === null || !('versionId' in ref)) return id;
  return driver.first(VERSION_EXISTS, [id]) === undefined ? null : id;
}

/** Returns the id of a version. @throws StorageError `STORAGE_NOT_FOUND`. */
export function requireVersionId(context: MutationContext, ref: VersionRef): VersionId {
  const id = existingVersionId(context, ref);
  if (id !== null) return id;
  const name =
    'versionId' in ref ? `version ${ref.versionId}` : `version '${ref.version}' of '${ref.library}'`;
  throw new StorageError('STORAGE_NOT_FOUND', `There is no ${name} in this store.`);
}

/** @throws StorageError `STORAGE_CONSTRAINT`. */
export function refuse(message: string): never {
  throw new StorageError('STORAGE_CONSTRAINT', `${message} Nothing was written.`);
}
