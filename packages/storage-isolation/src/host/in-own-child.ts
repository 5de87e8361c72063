import type { CallOptions } from '@switchyard/storage-core';
import { type IsolatedBackend, type IsolationRequest, isolate } from './isolated-backend.js';
import { UNLIMITED_MS } from './options.js';

/**
 * Does work on a local store in a child process of its own, which lives as long as the work. The definition must create a
 * backend that does it in-process, or every child would start another child.
 *
 * @param options Signal and deadline of opening; the work takes them itself.
 */
export async function inOwnChild<T>(
  request: IsolationRequest,
  options: Pick<CallOptions, 'signal' | 'deadline'> | undefined,
  work: (backend: IsolatedBackend) => Promise<T>,
): Promise<T> {
  const { signal, deadline } = options ?? {};
  // One attempt: a crash means damage, and the same call would crash again.
  const limits = { maintenanceTimeoutMs: UNLIMITED_MS, callTimeoutMs: UNLIMITED_MS, attempts: 1 };
  const backend = isolate({ ...request, options: { ...request.options, ...limits } });
  await backend.open({ signal, deadline });
  try {
    return await work(backend);
  } finally {
    await backend.close();
  }
}
