import type { Capabilities } from '@switchyard/storage-core';

/** The name of this backend. */
export const BACKEND_NAME = 'postgres';

/** Capabilities of a store. An embedded one belongs to one process, and one in memory ends with it. */
export function capabilitiesOf(place: 'server' | 'folder' | 'memory'): Capabilities {
  return {
    metrics: ['l2', 'cosine'],
    searchModes: ['exact'],
    ranking: 'fts5-bm25',
    // The limit of pgvector.
    maxDimension: 16_000,
    persistent: place !== 'memory',
    multiProcess: place === 'server',
    assignedIds: true,
    candidates: true,
    filters: true,
    bulkDeletion: true,
    vectorMaintenance: false,
    ftsMaintenance: false,
    optimize: false,
    reembedding: true,
    changeLog: true,
  };
}
