import { type CallRunner, type Catalog, catalogOver } from '@switchyard/storage-core/backend';
import type { MemoryState } from './tables.js';

/** Implements the reads of the memory backend. Each sees a single state of the tables. */
export function memoryCatalog(state: MemoryState, run: CallRunner): Catalog {
  return catalogOver((options, work) => run(options, () => work(state.tables)));
}
