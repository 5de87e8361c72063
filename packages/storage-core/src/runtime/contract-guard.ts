import { StorageError } from '../errors/storage-error.js';
import type { StorageBackend } from '../ports/backend.js';
import { CONTRACT_VERSION } from '../ports/contract-version.js';

/**
 * Refuses a backend that implements another version of the ports than this package calls. Everything that accepts a
 * backend from outside calls this first.
 *
 * @throws StorageError `STORAGE_CONTRACT_MISMATCH`, naming both versions; TypeError unless the value is a backend.
 */
export function requireContract(backend: StorageBackend, field = 'backend'): void {
  if (typeof backend !== 'object' || backend === null) {
    throw new TypeError(
      `${field} must be a StorageBackend, not ${backend === null ? 'null' : typeof backend}.`,
    );
  }
  const version: unknown = backend.contractVersion;
  if (version === CONTRACT_VERSION) return;
  const declared = typeof version === 'number' || typeof version === 'string' ? version : null;
  throw new StorageError(
    'STORAGE_CONTRACT_MISMATCH',
    `The ${backend.name} backend ${declared === null ? 'declares no contract version' : `implements contract version ${declared}`}; ` +
      `this version of @switchyard/storage-core requires contract version ${CONTRACT_VERSION}. Install versions of the ` +
      'backend and of @switchyard/storage-core that share a contract version. Nothing was opened.',
    {
      backend: backend.name,
      outcome: 'not-applied',
      details: { backendContract: declared, coreContract: CONTRACT_VERSION },
    },
  );
}
