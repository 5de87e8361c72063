import type { Connection } from '@switchyard/storage-core';
import type { BackendDefinition } from '@switchyard/storage-core/backend';
import { IsolatedBackend } from '@switchyard/storage-isolation';
import { InlineLegacySource, type LegacySourceOptions } from './legacy-source.js';

/** A scan of all vectors takes as long as reading them; the caller may abort it. */
const CALL_TIMEOUT_MS = 3_600_000;

/** Searches that are requested together share one scan of the vectors. */
const CONCURRENCY = 64;

/** Definition with which the child process creates the source. */
export const legacySource: BackendDefinition = {
  name: 'legacy-source',
  schemes: [],
  options: [],
  create({ location, options }) {
    if (location.type !== 'file') throw new TypeError('A legacy source is a file.');
    return new InlineLegacySource({
      path: location.path,
      indexIsSound: options.indexIsSound === true,
      chunkTimes: options.chunkTimes !== false,
    });
  },
};

/**
 * A legacy store of any convertible level behind the ports, read-only: SQLite itself refuses to write the file. The
 * vector of a chunk is its stored embedding.
 *
 * It is read in a child process, with libSQL, since this one may have the file open with better-sqlite3: two copies of
 * SQLite in one process drop each other's locks.
 */
export class LegacySource extends IsolatedBackend {
  constructor({ path, indexIsSound = false, chunkTimes = true }: LegacySourceOptions) {
    const connection: Connection = {
      backend: legacySource.name,
      location: { type: 'file', path },
      options: { indexIsSound, chunkTimes },
      authToken: null,
      redacted: path,
    };
    super({
      definition: legacySource,
      reference: { module: import.meta.url, exportName: 'legacySource' },
      connection,
      options: { callTimeoutMs: CALL_TIMEOUT_MS, concurrency: CONCURRENCY },
    });
  }
}
