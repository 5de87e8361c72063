import { isStorageError } from '@switchyard/storage-core';

/**
 * Sends a COMMIT on a local connection. After a disk error the transaction may be complete in the WAL and reappear when
 * it is recovered: the outcome is `unknown`. After any other error, a full disk included, it is rolled back.
 */
export function commit(send: () => void): void {
  try {
    send();
  } catch (error) {
    if (isStorageError(error) && isDiskError(error)) throw error.with({ outcome: 'unknown' });
    throw error;
  }
}

function isDiskError({ message, cause }: Error): boolean {
  const code = (cause as { readonly code?: unknown } | undefined)?.code;
  return (typeof code === 'string' && code.startsWith('SQLITE_IOERR')) || /disk I\/O error/i.test(message);
}
