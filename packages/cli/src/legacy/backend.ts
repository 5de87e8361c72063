import { StorageError } from '@switchyard/storage-core';
import type { BackendDefinition } from '@switchyard/storage-core/backend';

/** An optional peer, because installing it compiles native code. */
const PACKAGE = '@switchyard/backend-sqlite-vec';

let loaded: BackendDefinition | null = null;

/**
 * Connection strings of the legacy backend, for help and parsing without its package. A test compares them with the
 * package.
 */
export const legacyBackend: BackendDefinition = {
  name: 'sqlite-vec',
  schemes: [
    {
      prefix: 'sqlite-vec::memory:',
      location: 'memory',
      example: 'sqlite-vec::memory:',
      description: 'legacy store in memory, gone when closed',
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
      description: 'Maximum time that a call waits for another writer, in milliseconds.',
      default: '30000',
    },
    {
      name: 'migrate',
      type: 'string',
      values: ['create', 'auto', 'manual'],
      description:
        'Lets writes create the schema of an empty store (create), also migrate an older one (auto), or neither (manual).',
      default: 'create',
    },
  ],
  create(connection, options) {
    if (loaded === null) throw new TypeError('Call loadLegacyBackend() before creating a legacy backend.');
    return loaded.create(connection, options);
  },
};

/**
 * Loads the package of the legacy backend; {@link legacyBackend} can create backends afterwards.
 *
 * @throws StorageError `STORAGE_NOT_SUPPORTED` if it is not installed.
 */
export async function loadLegacyBackend(): Promise<void> {
  try {
    loaded ??= (await import('@switchyard/backend-sqlite-vec')).sqliteVecBackend;
  } catch (cause) {
    const missing = missingPackage(cause);
    if (missing === null) throw cause;
    throw new StorageError(
      'STORAGE_NOT_SUPPORTED',
      `Legacy stores ('sqlite-vec:') need the package ${missing}, which is not installed.`,
      {
        advice:
          `Install it beside the command: npm install ${missing}. To convert a legacy store without it: ` +
          'switchyard convert LEGACY --to NEW.db.',
        cause,
      },
    );
  }
}

/** Returns the name of the legacy package, or of a package it needs, that could not be found; null for other errors. */
function missingPackage(error: unknown): string | null {
  if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')) return null;
  const name = /^Cannot find package '([^']+)'/.exec(error.message)?.[1];
  return name !== undefined && [PACKAGE, 'better-sqlite3', 'sqlite-vec'].includes(name) ? name : null;
}
