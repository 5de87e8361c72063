import type { Capabilities } from '@switchyard/storage-core';

/** The name of this backend. */
export const BACKEND_NAME = 'sqlite-vec';

/** Capabilities of this backend. */
export const capabilities: Capabilities = {
  // The application's vec0 tables declare no metric, and the default of vec0 is Euclidean distance.
  metrics: ['l2'],
  searchModes: ['exact'],
  // The limit of vec0.
  maxDimension: 8192,
  persistent: true,
  multiProcess: true,
  assignedIds: true,
  candidates: true,
  filters: true,
  bulkDeletion: true,
  vectorMaintenance: true,
  ftsMaintenance: true,
  optimize: false,
  reembedding: true,
  changeLog: true,
};
