import type { CallOptions } from '@switchyard/storage-core';
import type { LongCalls } from '@switchyard/storage-core/backend';
import { inOwnChild } from './in-own-child.js';
import type { IsolatedBackend, IsolationRequest } from './isolated-backend.js';

/** A store of this size takes about 50 ms to read, as long as a child process takes to start. */
const LARGE_BYTES = 4 * 2 ** 20;

/**
 * Runs each long call on a large local file in its own child process, which lives as long as the call: one statement or
 * one snapshot that reads or writes every row would block the event loop of this process.
 *
 * The definition must create a backend that does them in-process, or every child would start another child.
 *
 * @throws TypeError when the connection is not to a local file.
 */
export function longCallsInChild(request: IsolationRequest): LongCalls {
  const { location } = request.connection;
  if (location.type !== 'file') throw new TypeError('Only local files have long calls in a child process.');
  const inChild = <T>(
    options: CallOptions | undefined,
    work: (backend: IsolatedBackend) => Promise<T>,
  ): Promise<T> => inOwnChild(request, options, work);
  return {
    apply: (bytes) => bytes >= LARGE_BYTES,
    vectors: {
      stats: (options) => inChild(options, ({ vectors }) => vectors.stats(options)),
      audit: (options) => inChild(options, ({ vectors }) => vectors.audit(options)),
      rebuild: (options) => inChild(options, ({ vectors }) => vectors.rebuild(options)),
    },
    fts: {
      audit: (options) => inChild(options, ({ fts }) => fts.audit(options)),
      rebuild: (options) => inChild(options, ({ fts }) => fts.rebuild(options)),
    },
    commitStaging: (profile, options) =>
      inChild(options, ({ staging }) => {
        if (staging === undefined) throw new TypeError('The backend has no staging port.');
        return staging.commit(profile, options);
      }),
  };
}
