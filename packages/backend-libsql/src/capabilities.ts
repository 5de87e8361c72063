import type { Capabilities } from '@switchyard/storage-core';

/** The name of this backend. */
export const BACKEND_NAME = 'libsql';

/** What a store on disk can do. */
export const capabilities: Capabilities = {
  metrics: ['cosine', 'l2'],
  searchModes: ['exact', 'diskann'],
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

/**
 * Of a store on a server. Building an index takes longer than a server keeps a transaction open, and a search there is
 * one statement over vectors; so there is no `diskann`.
 */
export const serverCapabilities: Capabilities = { ...capabilities, searchModes: ['exact'] };

/** The file of a replica belongs to one process; others on the same server have replicas of their own. */
export const replicaCapabilities: Capabilities = { ...serverCapabilities, multiProcess: false };
