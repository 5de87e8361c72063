import type { StorageBackend } from '../ports/backend.js';
import type { Capabilities } from '../ports/capabilities.js';
import { checkArray, checkBoolean, checkObject } from './check-fields.js';
import { requireContract } from './contract-guard.js';
import { checkLimit } from './validate.js';

/** Flags that a backend may omit; absent means false. */
const optionalFlags = [
  'assignedIds',
  'candidates',
  'filters',
  'bulkDeletion',
  'vectorMaintenance',
  'ftsMaintenance',
  'optimize',
  'reembedding',
  'changeLog',
] as const satisfies readonly (keyof Capabilities)[];

/**
 * Checks that declared capabilities are complete and of the right types.
 *
 * @throws TypeError that names the field.
 */
export function checkCapabilities(capabilities: Capabilities, field = 'capabilities'): void {
  checkObject(capabilities, field);
  for (const list of ['metrics', 'searchModes'] as const) {
    checkArray(capabilities[list], `${field}.${list}`);
    if (capabilities[list].length === 0) throw new TypeError(`${field}.${list} must not be empty.`);
  }
  checkLimit(capabilities.maxDimension, `${field}.maxDimension`, 1);
  checkBoolean(capabilities.persistent, `${field}.persistent`);
  checkBoolean(capabilities.multiProcess, `${field}.multiProcess`);
  for (const flag of optionalFlags) {
    if (capabilities[flag] !== undefined) checkBoolean(capabilities[flag], `${field}.${flag}`);
  }
}

/**
 * Checks a backend before it is used: its contract version and its capabilities.
 *
 * @throws StorageError `STORAGE_CONTRACT_MISMATCH`; TypeError that names the field.
 */
export function checkBackend(backend: StorageBackend, field = 'backend'): void {
  requireContract(backend, field);
  checkCapabilities(backend.capabilities, `${field}.capabilities`);
}
