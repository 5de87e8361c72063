import type { Capabilities } from '@switchyard/storage-core';

/**
 * Step 2. Declare less when in doubt: everything that is not declared is refused before anything is read or written, and
 * the suite checks the refusal.
 */
export const capabilities: Capabilities = {
  // Step 5: true when src/ports/vectors.ts is written.
  vectors: true,
  metrics: ['l2', 'cosine'],
  searchModes: ['exact'],
  maxDimension: 4096,
  // Step 6: true when src/ports/fts.ts is written.
  fts: true,
  // True if the data outlives the process.
  persistent: false,
  // True if several processes may open the same store at once.
  multiProcess: false,
  // True if mutations may specify the ids of their rows; stores can be copied into yours with it.
  assignedIds: true,
  // True if `apply` accepts `removeLibrary`, `clear`, and `deletePages` with a filter.
  bulkDeletion: true,
  // True if searches accept a filter. Without it, DocumentStore fetches all hits and filters them.
  filters: true,
};
