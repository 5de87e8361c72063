import {
  type CheckReport,
  isStorageError,
  type MaintenanceOptions,
  StorageError,
} from '@switchyard/storage-core';
import type { CheckRequest, StoreMaintenance } from '@switchyard/storage-core/backend';
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
        if (isDriverAbort(error)) return abortReport(checkRequest);
        throw unfinishedCheck(error);
      }
    },
    repair: (options) => inChild(options, (maintenance) => maintenance.repair(options)),
    reclaim: (options) => inChild(options, (maintenance) => maintenance.reclaim(options)),
  };
}

/** Signals that a process gets for what its own code did. SIGKILL and SIGTERM come from outside and say nothing. */
const FATAL_SIGNALS = new Set(['SIGABRT', 'SIGSEGV', 'SIGBUS', 'SIGILL', 'SIGFPE', 'SIGTRAP']);
/** Exit code of an abort where there are no signals: 128 + SIGABRT. */
const ABORT_EXIT_CODE = 134;
/** Exit codes from here on are fatal exceptions of Windows, such as 0xC0000005, an access violation. */
const MIN_EXCEPTION_CODE = 0xc0000000;

/** Returns true if native code of the child crashed, as the driver does on bytes that it cannot read. */
function isDriverAbort({ details, cause }: StorageError): boolean {
  const { exitCode, signal } = details ?? {};
  const isFatal =
    (typeof signal === 'string' && FATAL_SIGNALS.has(signal)) ||
    exitCode === ABORT_EXIT_CODE ||
    (typeof exitCode === 'number' && exitCode >= MIN_EXCEPTION_CODE);
  // Node.js aborts as well when its heap is full.
  return isFatal && !(cause instanceof Error && /out of memory/i.test(cause.message));
}

function abortReport({ scope }: CheckRequest): CheckReport {
  return {
    scope,
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

/** Builds the error for a child that could not be started, was killed, or ended by itself. */
function unfinishedCheck({ message, backend, details, cause }: StorageError): StorageError {
  return new StorageError('STORAGE_CRASHED', `The check did not finish: ${message}`, {
    backend,
    details,
    cause,
    retryable: true,
    advice: 'Run the check again. The store may be sound: only a complete check tells.',
  });
}
