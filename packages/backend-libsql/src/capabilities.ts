import type { Capabilities } from '@switchyard/storage-core';

/** Name of this backend. */
export const BACKEND_NAME = 'libsql';

/** Capabilities of a store in a local file. */
export const capabilities: Capabilities = {
  // Euclidean distance first, as on every backend: the same code then ranks alike everywhere.
  metrics: ['l2', 'cosine'],
  searchModes: ['exact', 'diskann'],
  // Limit of libSQL's vector types.
  maxDimension: 65_536,
  persistent: true,
  multiProcess: true,
  assignedIds: true,
  candidates: true,
  filters: true,
  bulkDeletion: true,
  vectorMaintenance: true,
  ftsMaintenance: true,
  optimize: true,
  reembedding: true,
  changeLog: true,
};

/** Capabilities of a store in memory, which belongs to the backend that created it and ends with it. */
export const memoryCapabilities: Capabilities = { ...capabilities, persistent: false, multiProcess: false };

/**
 * Capabilities of a store on a server. There is no `diskann`: building an index takes longer than a server keeps a
 * transaction open, and a search is one statement over the vectors.
 */
export const serverCapabilities: Capabilities = { ...capabilities, searchModes: ['exact'] };

/** Capabilities of a replica, whose file belongs to one process; others have replicas of their own. */
export const replicaCapabilities: Capabilities = { ...serverCapabilities, multiProcess: false };
