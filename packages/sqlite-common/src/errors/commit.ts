import { isStorageError } from '@switchyard/storage-core';

/**
 * Sends a COMMIT of a local connection. After an error of the disk its transaction may be whole in the log, and come
 * back when the log is recovered: the outcome is `unknown`. After all others, a full disk too, it is rolled back.
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
