import { isStorageError, type MaintenanceOptions, type StoreMaintenance } from '@switchyard/storage-core';
import { type IsolationRequest, isolate } from './isolated-backend.js';

/** Longer than any check takes: a caller who wants less gives a deadline. */
const PATIENCE_MS = 7 * 24 * 3_600_000;

/**
 * Maintenance of a local store in a child process of its own, which lives as long as the call: an engine that reads
 * every page neither blocks the event loop of this process nor ends it when it meets broken bytes.
 *
 * The definition must make a backend that does its maintenance itself, or each child would start another one.
 */
export function maintenanceInChild(request: IsolationRequest): StoreMaintenance {
  const inChild = async <T>(
    options: MaintenanceOptions | undefined,
    work: (maintenance: StoreMaintenance) => Promise<T>,
  ): Promise<T> => {
    const { signal, deadline } = options ?? {};
    // A crash is damage found, not bad luck: the same call would crash again.
    const patience = { maintenanceTimeoutMs: PATIENCE_MS, attempts: 1 };
    const backend = isolate({ ...request, options: { ...request.options, ...patience } });
    await backend.open({ signal, deadline });
    try {
      if (backend.maintenance === undefined) throw new TypeError('The backend has no maintenance port.');
      return await work(backend.maintenance);
    } finally {
      await backend.close();
    }
  };
  return {
    async check(checkRequest, options) {
      try {
        return await inChild(options, (maintenance) => maintenance.check(checkRequest, options));
      } catch (error) {
        if (!isStorageError(error, 'STORAGE_CRASHED')) throw error;
        return {
          scope: checkRequest.scope,
          damages: [
            {
              code: 'unreadable',
              detail: 'The driver aborted while it read the store: part of it is damaged beyond reading.',
              count: 1,
              examples: [],
              repair: null,
              advice: 'Restore a backup, or copy what is readable: switchyard copy STORE NEW --unchecked.',
            },
          ],
          skipped: ['Everything behind the place where the driver aborted.'],
        };
      }
    },
    repair: (options) => inChild(options, (maintenance) => maintenance.repair(options)),
    reclaim: (options) => inChild(options, (maintenance) => maintenance.reclaim(options)),
  };
}
