import { StorageError } from '../errors/storage-error.js';
import type { CallOptions } from '../ports/call-options.js';

/**
 * Refuses a call that is already aborted or too late. Backends on synchronous drivers call it before each piece of
 * work that cannot be interrupted.
 *
 * @throws StorageError `STORAGE_ABORTED` or `STORAGE_TIMEOUT`.
 */
export function checkCall(options: CallOptions | undefined, backend: string): void {
  if (options?.signal?.aborted === true) {
    throw new StorageError('STORAGE_ABORTED', 'The call was aborted by its caller.', {
      backend,
      outcome: 'not-applied',
      cause: options.signal.reason,
    });
  }
  if (options?.deadline !== undefined && Date.now() > options.deadline) {
    throw new StorageError('STORAGE_TIMEOUT', 'The deadline of the call had passed before the work began.', {
      backend,
      outcome: 'not-applied',
    });
  }
}
