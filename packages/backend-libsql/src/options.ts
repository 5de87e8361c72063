import type { AuthToken, Location } from '@switchyard/storage-core';
import type { StoreMaintenance } from '@switchyard/storage-core/backend';

/** When a write creates the schema of a store or brings it to the latest level. See `LibsqlOptions.migrate`. */
export type MigratePolicy = 'create' | 'auto' | 'manual';

/** Options of a `LibsqlBackend`. */
export interface LibsqlOptions {
  readonly location: Location;
  /** How long a call waits for another writer, in milliseconds, from 0. Default 5000. */
  readonly busyTimeoutMs?: number | undefined;
  /** Cache of the connection in MiB, for local files. Default 64. */
  readonly cacheMiB?: number | undefined;
  /** How much of the file is read through a memory map, in MiB, for local files. Default 1024. */
  readonly mmapMiB?: number | undefined;
  /**
   * Memory for the codes of versions that were searched, in MiB, from 0. Default 512. Versions that do not fit are
   * searched from the codes in the store, and with 0 the engine's own scan serves: the same results, later.
   */
  readonly vectorCacheMiB?: number | undefined;
  /**
   * Memory for what was read of the full-text index, in MiB, from 0. Default 64. With 0 the engine's own ranking serves:
   * the same results, later.
   */
  readonly ftsCacheMiB?: number | undefined;
  /**
   * What a write may do to the schema; opening and reading never touch it. `create` (default): the first write to an
   * empty store creates the schema, and a write to an older store is refused with `STORAGE_SCHEMA_OUTDATED`. `auto`: it
   * also brings an older store to the latest level. `manual`: both are refused until `migrator.migrate()` was called.
   */
  readonly migrate?: MigratePolicy | undefined;
  /** Refuses what holds no store yet with `STORAGE_NOT_FOUND`. Default false. */
  readonly mustExist?: boolean | undefined;
  /** Token of the server, or a function that fetches one: see `CreateOptions.authToken`. */
  readonly authToken?: AuthToken | null | undefined;
  /** How often a replica fetches what others wrote, in seconds, from 1. Default: when it is opened and on demand. */
  readonly syncIntervalSeconds?: number | undefined;
  /** Does the maintenance in place of this backend, such as in a child process. Default: none. */
  readonly maintenance?: StoreMaintenance | undefined;
  /** The connection string without secrets, for reports. Default: made from the location. */
  readonly redacted?: string | undefined;
}

/** Defaults of {@link LibsqlOptions}. */
export const defaults = {
  busyTimeoutMs: 5000,
  cacheMiB: 64,
  mmapMiB: 1024,
  vectorCacheMiB: 512,
  ftsCacheMiB: 64,
} as const;
