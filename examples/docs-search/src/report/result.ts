import type { Comparison, Latency } from '../compare.js';
import type { Documentation } from '../documentation.js';
import type { IndexingReport } from '../stores.js';

/** Everything the demo found out. */
export interface DemoResult {
  readonly documentation: readonly Documentation[];
  readonly model: string;
  readonly dimension: number;
  readonly indexing: IndexingReport;
  readonly comparisons: readonly Comparison[];
  readonly latency: Latency;
  /** Where the stores are; null when they were temporary and are gone. */
  readonly stores: { readonly legacy: string; readonly libsql: string } | null;
}
