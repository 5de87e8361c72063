import type { Comparison, Latency } from '../compare.js';
import type { Documentation } from '../documentation.js';
import type { IndexingReport } from '../stores.js';

/** Results of the demo. */
export interface DemoResult {
  readonly documentation: readonly Documentation[];
  readonly model: string;
  readonly dimension: number;
  readonly indexing: IndexingReport;
  readonly comparisons: readonly Comparison[];
  readonly latency: Latency;
  /** Folder of the stores; null if they were temporary and have been removed. */
  readonly stores: { readonly source: string; readonly libsql: string } | null;
}
