import { type CallOptions, isStorageError } from '@switchyard/storage-core';

const codes: ReadonlySet<string> = new Set([
  'STORAGE_UNREACHABLE',
  'STORAGE_TIMEOUT',
  'STORAGE_CRASHED',
  'STORAGE_CLOSED',
  'STORAGE_BUSY',
]);

/** Returns true for an error of a store that cannot be reached now, as opposed to one that says something about the call. */
export function isUnreachable(error: unknown): boolean {
  return isStorageError(error) && codes.has(error.code);
}

/** Returns true when a call is over for its caller: it was aborted, or its deadline has passed. */
export function isOver(options: CallOptions | undefined): boolean {
  return options?.signal?.aborted === true || (options?.deadline ?? Infinity) <= Date.now();
}

/** Returns the result of a promise, or null if there is none in time. Errors of a promise that is late are dropped. */
export async function inTime<T>(promise: Promise<T>, milliseconds: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, milliseconds, null);
    timer.unref();
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
    promise.catch(() => undefined);
  }
}
