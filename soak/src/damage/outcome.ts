import { isStorageError } from '@switchyard/storage-core';
import type { Outcome } from './types.js';

/** Codes that no stored byte may cause. */
export const FORBIDDEN_CODES: ReadonlySet<string> = new Set([
  'STORAGE_INTERNAL',
  'STORAGE_CRASHED',
  'CLI_UNEXPECTED',
]);

/** Runs one step and records its result or error. */
export async function outcomeOf(work: () => unknown): Promise<Outcome> {
  try {
    return { kind: 'answer', value: await work() };
  } catch (error) {
    if (isStorageError(error)) return { kind: 'error', code: error.code, message: error.message };
    return { kind: 'raw', message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
