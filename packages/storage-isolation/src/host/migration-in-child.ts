import type { Migrator } from '@switchyard/storage-core/backend';
import { type IsolationRequest, isolate } from './isolated-backend.js';
import { UNLIMITED_MS } from './options.js';

/**
 * Runs each migration of a local store in its own child process, which lives as long as the call. A step that rebuilds a
 * large table then does not block the event loop of this process, and an abort ends it: SQLite undoes its transaction.
 *
 * The definition must create a backend that migrates in-process, or every child would start another child.
 */
export function migrationInChild(request: IsolationRequest): Migrator['migrate'] {
  return async (options) => {
    const { signal, deadline } = options ?? {};
    const limits = { maintenanceTimeoutMs: UNLIMITED_MS, attempts: 1 };
    const backend = isolate({ ...request, options: { ...request.options, ...limits } });
    await backend.open({ signal, deadline });
    try {
      return await backend.migrator.migrate(options);
    } finally {
      await backend.close();
    }
  };
}
