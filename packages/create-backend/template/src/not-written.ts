import { StorageError } from '@switchyard/storage-core';

/** Steps of the guide "Writing a backend", in its section "Run the suite". */
const steps = {
  1: 'open and close',
  2: 'write and read',
  3: 'ids of others, deletions of many',
  4: 'search by vector',
  5: 'filters, re-embedding, rollouts',
  6: 'full-text search',
  7: 'candidates',
} as const;

/**
 * Stands in for a method that is not written yet. Delete this file when nothing uses it any more.
 *
 * @throws StorageError `STORAGE_NOT_SUPPORTED`, whose message names the method and the step of the guide.
 */
export function notWritten(method: string, step: keyof typeof steps): never {
  const error = new StorageError(
    'STORAGE_NOT_SUPPORTED',
    `${method} is not written yet: step ${step} of the guide, ${steps[step]}.`,
    { backend: 'template-scheme', outcome: 'not-applied', details: { notWritten: method, step } },
  );
  // The stack begins with the method.
  Error.captureStackTrace(error, notWritten);
  throw error;
}
