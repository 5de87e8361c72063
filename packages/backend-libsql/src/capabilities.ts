import type { Capabilities } from '@switchyard/storage-core';

/** The name of this backend. */
export const BACKEND_NAME = 'libsql';

/** What a store on disk can do. */
export const capabilities: Capabilities = {
  metrics: ['cosine', 'l2'],
  searchModes: ['exact', 'cascade'],
  // The limit of libSQL's vector types.
  maxDimension: 65_536,
  persistent: true,
  multiProcess: true,
  assignedIds: true,
  candidates: true,
  vectorMaintenance: true,
  ftsMaintenance: true,
  optimize: true,
  reembedding: true,
};

/** A store in memory belongs to the backend that made it, and goes with it. */
export const memoryCapabilities: Capabilities = { ...capabilities, persistent: false, multiProcess: false };

/** The file of a replica belongs to one process; others on the same server have replicas of their own. */
export const replicaCapabilities: Capabilities = { ...capabilities, multiProcess: false };
