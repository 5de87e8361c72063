import type { BackendReport } from '@switchyard/storage-core';
import { notWritten } from './not-written.js';
import type { Store } from './store.js';

/** Step 1. Reports on the store, for people: engine, schema level, number of rows of each kind, profile, sizes. */
export async function inspect(_store: Store): Promise<BackendReport> {
  return notWritten('inspect', 1);
}
