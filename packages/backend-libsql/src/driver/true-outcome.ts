import { isStorageError } from '@switchyard/storage-core';
import type { RemoteDriver } from './remote-driver.js';

/**
 * Runs a call, and corrects what its error says of the outcome: of a call that sent several writes to a server, the one
 * that failed may not have been applied while those before it were.
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
