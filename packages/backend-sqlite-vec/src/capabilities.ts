import type { Capabilities } from '@switchyard/storage-core';

/** The name of this backend. */
export const BACKEND_NAME = 'sqlite-vec';

/** Capabilities of this backend. */
export const capabilities: Capabilities = {
  // vec0 tables of the application declare no metric, and its default is the Euclidean distance.
  metrics: ['l2'],
  searchModes: ['exact'],
  // The limit of vec0.
  maxDimension: 8192,
  persistent: true,
  multiProcess: true,
  assignedIds: true,
  candidates: true,
  vectorMaintenance: true,
  ftsMaintenance: true,
  optimize: false,
  reembedding: true,
};
