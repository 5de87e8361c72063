import type { SqliteDriver } from '@switchyard/sqlite-common';
import type { EmbeddingProfile } from '@switchyard/storage-core';
import { migrateSchema } from '../schema/migrate.js';
import { readSchemaState } from '../schema/state.js';
import { reconcileProfile } from '../vectors/profile.js';

/** Input of {@link createSchema}. */
export interface NewStore {
  /** Name of the store in errors. */
  readonly location: string;
  /** Profile of the vectors to be written; null for a store without vectors. */
  readonly profile: EmbeddingProfile | null;
}

/**
 * Creates the schema of the current level in the schema `main` of a connection, unless it is there.
 *
 * @throws StorageError `STORAGE_SCHEMA_TOO_NEW`, `STORAGE_SCHEMA_UNSUPPORTED`; `STORAGE_MODEL_CHANGED` if the store has
 * another profile.
 */
export function createSchema(driver: SqliteDriver, { location, profile }: NewStore): void {
  migrateSchema(driver, location, readSchemaState(driver));
  if (profile !== null) reconcileProfile(driver, profile, 'refuse');
}
