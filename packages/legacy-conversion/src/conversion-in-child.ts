import { runTask } from '@switchyard/storage-isolation';
import { BACKEND_NAME } from './backend-name.js';
import type { PlanOptions } from './plan.js';
import type { PlanProgress, SentConversion, SentPlan } from './tasks.js';
import type { ConversionOptions, ConversionPlan, ConversionProgress, ConversionResult } from './types.js';

/**
 * All work runs in a child process. It reads the legacy store with libSQL, while this process may have the file open
 * with better-sqlite3, another copy of SQLite: closing a descriptor in one of two copies in a process drops the locks
 * of the other, and acknowledged writes would be lost.
 */
const module = new URL('./tasks.js', import.meta.url);

/**
 * Time in milliseconds for a step to stop before it is killed. A killed conversion resumes with the next call as well.
 */
const GRACE_MS = 10_000;

/**
 * Converts a legacy store of level 009 to 014 to a libSQL store: every row, id, text and timestamp unchanged, vectors
 * byte for byte. The legacy store is opened read-only. The new one is built next to the target, compared with the
 * legacy one, and only then renamed; nothing changes before. After any interruption, the same call resumes.
 *
 * A store that is written during the conversion is converted from a snapshot. An in-place conversion refuses it,
 * because those writes would be lost.
 *
 * @throws StorageError `STORAGE_NOT_FOUND`, `STORAGE_SCHEMA_UNSUPPORTED`, `STORAGE_SCHEMA_TOO_NEW`;
 * `STORAGE_DISK_FULL`; `STORAGE_CONSTRAINT` if the target exists, the name of the backup or the report is not possible,
 * or two rows of the legacy store have the same name; `STORAGE_BUSY` if a process, including this one, has a store open
 * that is to be converted in place, or another conversion is running; `STORAGE_ABORTED`; `STORAGE_CRASHED`;
 * `STORAGE_CORRUPT` if damage may hide rows of the legacy store, or the comparison finds a difference.
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
 * Plans a conversion without performing it: reads and compares every embedding, and writes nothing but the requested
 * report.
 *
 * @throws StorageError `STORAGE_NOT_FOUND`, `STORAGE_SCHEMA_UNSUPPORTED`, `STORAGE_SCHEMA_TOO_NEW`, `STORAGE_ABORTED`,
 * `STORAGE_CRASHED`; `STORAGE_CORRUPT` if damage may hide rows of the legacy store; `STORAGE_CONSTRAINT` if the names
 * of its files are not possible.
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
