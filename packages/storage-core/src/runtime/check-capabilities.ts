import type { StorageBackend } from '../ports/backend.js';
import type { Capabilities, CapabilityFlag } from '../ports/capabilities.js';
import { hasCapability } from './capability-guard.js';
import { checkArray, checkBoolean, checkObject } from './check-fields.js';
import { requireContract } from './contract-guard.js';
import { checkLimit } from './validate.js';

/** Flags that a backend may omit. */
const optionalFlags = [
  'vectors',
  'fts',
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

/** Capabilities that make no sense without another one. */
const prerequisites: readonly (readonly [flag: CapabilityFlag, needed: CapabilityFlag])[] = [
  ['candidates', 'vectors'],
  ['candidates', 'fts'],
  ['vectorMaintenance', 'vectors'],
  ['ftsMaintenance', 'fts'],
  ['reembedding', 'vectors'],
];

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
  const { ranking } = capabilities;
  if (ranking !== undefined && ranking !== 'fts5-bm25' && ranking !== 'own') {
    throw new TypeError(`${field}.ranking must be 'fts5-bm25' or 'own', not ${String(ranking)}.`);
  }
  for (const [flag, needed] of prerequisites) {
    if (hasCapability(capabilities, flag) && !hasCapability(capabilities, needed)) {
      throw new TypeError(`${field}.${flag} needs ${field}.${needed}, which is false.`);
    }
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
