import type { BackendDefinition } from '@switchyard/storage-core';
import { DEFAULT_BUSY_TIMEOUT_MS, SqliteVecBackend } from './backend.js';
import { BACKEND_NAME } from './capabilities.js';

/** Makes the legacy backend known to connection strings: `sqlite-vec:PATH` and `sqlite-vec::memory:`. */
export const sqliteVecBackend: BackendDefinition = {
  name: BACKEND_NAME,
  schemes: [
    {
      prefix: 'sqlite-vec::memory:',
      location: 'memory',
      example: 'sqlite-vec::memory:',
      description: 'legacy store in memory, gone when it is closed',
    },
    {
      prefix: 'sqlite-vec:',
      location: 'path',
      example: 'sqlite-vec:documents.db',
      description: 'legacy store of better-sqlite3 and sqlite-vec',
    },
  ],
  options: [
    {
      name: 'busyTimeoutMs',
      type: 'integer',
      min: 0,
      max: 2_147_483_647,
      description: 'How long a call waits for another writer, in milliseconds.',
      default: String(DEFAULT_BUSY_TIMEOUT_MS),
    },
    {
      name: 'migrate',
      type: 'string',
      values: ['auto', 'manual'],
      description: 'Whether opening brings the schema of an older store to the latest level.',
      default: 'auto',
    },
  ],
  create({ location, options, redacted }, { mustExist } = {}) {
    if (location.type !== 'file' && location.type !== 'memory') {
      throw new TypeError(`The ${BACKEND_NAME} backend opens files, not a ${location.type}.`);
    }
    return new SqliteVecBackend({
      path: location.type === 'file' ? location.path : null,
      busyTimeoutMs: typeof options.busyTimeoutMs === 'number' ? options.busyTimeoutMs : undefined,
      migrate: options.migrate === 'manual' ? 'manual' : 'auto',
      mustExist,
      location: redacted,
    });
  },
};
