import { isStorageError, type MaintenanceOptions } from '@switchyard/storage-core';
import type { StoreMaintenance } from '@switchyard/storage-core/backend';
import { inOwnChild } from './in-own-child.js';
import type { IsolationRequest } from './isolated-backend.js';

/**
 * Runs each maintenance call on a local store in its own child process, which lives as long as the call. Reading every
 * page then neither blocks the event loop of this process nor crashes it on damaged bytes.
 *
 * The definition must create a backend that runs its maintenance in-process, or every child would start another child.
 */
export function maintenanceInChild(request: IsolationRequest): StoreMaintenance {
  const inChild = <T>(
    options: MaintenanceOptions | undefined,
    work: (maintenance: StoreMaintenance) => Promise<T>,
  ): Promise<T> =>
    inOwnChild(request, options, ({ maintenance }) => {
      if (maintenance === undefined) throw new TypeError('The backend has no maintenance port.');
      return work(maintenance);
    });
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
              detail: 'The driver aborted while reading the store: part of it is damaged beyond reading.',
              count: 1,
              examples: [],
              repair: null,
              advice: 'Restore a backup, or copy what is readable: switchyard copy STORE NEW --unchecked.',
            },
          ],
          skipped: ['Everything after the point where the driver aborted.'],
        };
      }
    },
    repair: (options) => inChild(options, (maintenance) => maintenance.repair(options)),
    reclaim: (options) => inChild(options, (maintenance) => maintenance.reclaim(options)),
  };
}
