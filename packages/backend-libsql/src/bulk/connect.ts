import type { IllFormedText, SqliteDriver } from '@switchyard/sqlite-common';
import Database from 'libsql';
import { LibsqlDriver } from '../driver/libsql-driver.js';

/** Options of {@link connect}. */
export interface ConnectionOptions {
  /** Path of the database file, created if it is missing; null for a database in memory. */
  readonly file: string | null;
  /** Name of the database in errors. Default: the path. */
  readonly location?: string | undefined;
  /** Milliseconds to wait for a lock; blocks the event loop. */
  readonly busyTimeoutMs: number;
  /** SQL that is run on each new connection, such as `ATTACH`. */
  readonly begin?: string | undefined;
  /** SQL that is run before the connection is closed. A failure does not keep it open. */
  readonly end?: string | undefined;
  /** Treatment of stored text that is not UTF-8. Default `refuse`. */
  readonly illFormedText?: IllFormedText | undefined;
  /** False to keep one connection for good, such as one that holds a lock. Default true. */
  readonly reconnects?: boolean | undefined;
}

/**
 * Opens a connection to a local database without looking at its content. The caller closes it.
 *
 * @throws StorageError as the backend does, such as `STORAGE_NOT_FOUND` and `STORAGE_PERMISSION_DENIED`.
 */
export function connect(options: ConnectionOptions): SqliteDriver {
  const { file, busyTimeoutMs, begin, end, illFormedText, reconnects } = options;
  const path = file ?? ':memory:';
  return new LibsqlDriver({
    location: options.location ?? path,
    illFormedText,
    reconnects,
    connect() {
      const database = new Database(path, { timeout: busyTimeoutMs });
      try {
        if (begin !== undefined) database.exec(begin);
        return database;
      } catch (error) {
        database.close();
        throw error;
      }
    },
    // prepare() and all(), since exec() refuses pragmas that return rows.
    finish: end === undefined ? undefined : (database) => database.prepare(end).all([]),
  });
}
