import type { AuthToken, Location } from '@switchyard/storage-core';
import type { LongCalls, StoreMaintenance } from '@switchyard/storage-core/backend';

/** Policy for schema changes by writes. See `LibsqlOptions.migrate`. */
export type MigratePolicy = 'create' | 'auto' | 'manual';

/** Options of a `LibsqlBackend`. */
export interface LibsqlOptions {
  readonly location: Location;
  /** Maximum wait of a call for another writer, in milliseconds, from 0. Default 30,000. */
  readonly busyTimeoutMs?: number | undefined;
  /** Page cache of the connection in MiB, for local files. Default 64. */
  readonly cacheMiB?: number | undefined;
  /** Maximum part of the file that is read through a memory map, in MiB, for local files. Default 1024. */
  readonly mmapMiB?: number | undefined;
  /**
   * Cache for vector search in MiB, from 0. Default 512. Versions that do not fit are searched from the codes in the
   * store, or by the server; with 0 the engine searches. The results are the same.
   */
  readonly vectorCacheMiB?: number | undefined;
  /**
   * Cache for full-text search in MiB, from 0. Default 64. With 0 the engine searches. The results are the same.
   */
  readonly ftsCacheMiB?: number | undefined;
  /**
   * Schema changes that a write may make; opening and reading make none. `create` (default): the first write to an empty
   * store creates the schema, and a write to an older store is refused with `STORAGE_SCHEMA_OUTDATED`. `auto`: a write
   * also migrates an older store. `manual`: both are refused until `migrator.migrate()` is called.
   */
  readonly migrate?: MigratePolicy | undefined;
  /** Refuses a location that contains no store with `STORAGE_NOT_FOUND`. Default false. */
  readonly mustExist?: boolean | undefined;
  /** Token of the server, or a function that fetches one: see `CreateOptions.authToken`. */
  readonly authToken?: AuthToken | null | undefined;
  /** Interval in seconds, from 1, at which a replica fetches what others wrote. Default: at opening and on demand. */
  readonly syncIntervalSeconds?: number | undefined;
  /** Does the maintenance instead of this backend, such as in a child process. Default: none. */
  readonly maintenance?: StoreMaintenance | undefined;
  /** Does long calls on a large store instead of this backend, such as in a child process. Default: none. */
  readonly longCalls?: LongCalls | undefined;
  /** Connection string without secrets, for reports. Default: derived from the location. */
  readonly redacted?: string | undefined;
}

/** Defaults of {@link LibsqlOptions}. */
export const defaults = {
  busyTimeoutMs: 30_000,
  cacheMiB: 64,
  mmapMiB: 1024,
  vectorCacheMiB: 512,
  ftsCacheMiB: 64,
} as const;
