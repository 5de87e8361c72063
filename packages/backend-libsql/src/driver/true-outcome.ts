import { isStorageError } from '@switchyard/storage-core';
import type { RemoteDriver } from './remote-driver.js';

/**
 * Runs a call, and corrects the outcome of its error: if a call sends several writes to a server, those before the failed
 * one may have been applied.
 */
export async function withTrueOutcome<T>(driver: RemoteDriver, work: () => T | Promise<T>): Promise<T> {
  const before = driver.writesSent;
  try {
    return await work();
  } catch (error) {
    if (driver.writesSent === before || !isStorageError(error) || error.outcome !== 'not-applied')
      throw error;
    throw error.with({ outcome: 'unknown' });
  }
}
