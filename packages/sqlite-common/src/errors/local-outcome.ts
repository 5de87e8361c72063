import { isStorageError } from '@switchyard/storage-core';
import type { SqliteDriver } from '../driver.js';

/**
 * Runs a call that writes, and makes its error state a true outcome: `not-applied` if the call committed nothing,
 * `unknown` if it committed some of its transactions before one failed. Drivers that do not count commits state outcomes
 * themselves.
 */
export async function withLocalOutcome<T>(driver: SqliteDriver, work: () => T | Promise<T>): Promise<T> {
  const before = driver.commits;
  try {
    return await work();
  } catch (error) {
    if (before === undefined || !isStorageError(error)) throw error;
    const outcome = driver.commits === before ? (error.outcome ?? 'not-applied') : 'unknown';
    throw error.outcome === outcome ? error : error.with({ outcome });
  }
}
