import type { Migrator } from '@switchyard/storage-core/backend';
import { inOwnChild } from './in-own-child.js';
import type { IsolationRequest } from './isolated-backend.js';

/**
 * Runs each migration of a local store in its own child process, which lives as long as the call. A step that rebuilds a
 * large table then does not block the event loop of this process, and an abort ends it: SQLite undoes its transaction.
 *
 * The definition must create a backend that migrates in-process, or every child would start another child.
 */
export function migrationInChild(request: IsolationRequest): Migrator['migrate'] {
  return (options) => inOwnChild(request, options, ({ migrator }) => migrator.migrate(options));
}
