import { StorageError } from '@switchyard/storage-core';
import type { BackendDefinition } from '@switchyard/storage-core/backend';

/** An optional peer, because installing it compiles native code. */
const PACKAGE = '@switchyard/backend-sqlite-vec';

/** @throws StorageError `STORAGE_NOT_SUPPORTED` if the package is not installed. */
export async function loadLegacyBackend(): Promise<BackendDefinition> {
  try {
    const { sqliteVecBackend } = await import('@switchyard/backend-sqlite-vec');
    return sqliteVecBackend;
  } catch (cause) {
    if (!isMissing(cause, PACKAGE)) throw cause;
    throw new StorageError(
      'STORAGE_NOT_SUPPORTED',
      `Connection strings that begin with 'sqlite-vec:' need the package ${PACKAGE}, which is not installed. Run: npm install ${PACKAGE}`,
      { cause, advice: `Install the package beside @switchyard/switchyard: npm install ${PACKAGE}` },
    );
  }
}

/** Returns true if it is this package that could not be found, rather than something it imports. */
function isMissing(error: unknown, name: string): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    error.code === 'ERR_MODULE_NOT_FOUND' &&
    error.message.includes(`'${name}'`)
  );
}
