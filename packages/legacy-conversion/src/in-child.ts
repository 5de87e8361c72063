import { runTask } from '@switchyard/storage-isolation';
import { BACKEND_NAME } from './backend-name.js';
import type { PlanOptions } from './plan.js';
import type { PlanProgress, SentConversion, SentPlan } from './tasks.js';
import type { ConversionOptions, ConversionPlan, ConversionProgress, ConversionResult } from './types.js';

/**
 * The whole work runs in a child process. It reads the legacy store with libSQL, while this process may have the file
 * open with better-sqlite3, another copy of SQLite: what one of two copies in one process closes drops the locks of the
 * other, and acknowledged writes would be lost.
 */
const module = new URL('./tasks.js', import.meta.url);

/** How long a step may take that was told to stop. Killed after it, a conversion goes on with the next call as well. */
const GRACE_MS = 10_000;

/**
 * Converts a legacy store of level 009 to 014 into a libSQL store: every row, id, text and timestamp as it is, vectors
 * byte for byte. The legacy store is opened so that it cannot be written. The new one is built beside the target,
 * compared with the legacy one, and only then gets its name; until that moment nothing has changed. Stopped in any way,
 * the same call goes on where it was.
 *
 * A store that is written during its conversion is converted from a snapshot. In place it is refused, because those
 * writes would be lost.
 *
 * @throws StorageError `STORAGE_NOT_FOUND`, `STORAGE_SCHEMA_UNSUPPORTED`, `STORAGE_SCHEMA_TOO_NEW`; `STORAGE_DISK_FULL`;
 * `STORAGE_CONSTRAINT` when the target exists, the backup or the report cannot have its name, and when two rows of the
 * legacy store have one name; `STORAGE_BUSY` when a process, this one included, has a store open that is to be converted
 * in place, or another conversion is under way; `STORAGE_ABORTED`; `STORAGE_CRASHED`; `STORAGE_CORRUPT` when
 * rows of the legacy store may be hidden by damage, or the comparison finds a difference.
 */
export function convertLegacyStore(options: ConversionOptions): Promise<ConversionResult> {
  const { signal, deadline, onProgress, ...input } = options;
  return runTask<SentConversion, ConversionResult, ConversionProgress>({
    backend: BACKEND_NAME,
    reference: { module, exportName: 'convertTask' },
    input,
    signal,
    deadline,
    onProgress,
    graceMs: GRACE_MS,
  });
}

/**
 * Plans a conversion without doing it: every embedding is read and compared, nothing is written but the report that was
 * asked for.
 *
 * @throws StorageError `STORAGE_NOT_FOUND`, `STORAGE_SCHEMA_UNSUPPORTED`, `STORAGE_SCHEMA_TOO_NEW`, `STORAGE_ABORTED`,
 * `STORAGE_CRASHED`; `STORAGE_CORRUPT` when rows of the legacy store may be hidden by damage; `STORAGE_CONSTRAINT` where converting would be refused because of the names of its files.
 */
export function planConversion(options: PlanOptions): Promise<ConversionPlan> {
  const { signal, deadline, onProgress, ...input } = options;
  return runTask<SentPlan, ConversionPlan, PlanProgress>({
    backend: BACKEND_NAME,
    reference: { module, exportName: 'planTask' },
    input,
    signal,
    deadline,
    onProgress: ({ rows, totalRows }) => onProgress?.(rows, totalRows),
    graceMs: GRACE_MS,
  });
}
