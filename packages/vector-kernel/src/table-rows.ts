import type { KernelMemory } from './kernel.js';
import type { Layout } from './layout.js';
import type { Metric } from './metric.js';
import type { Rows } from './rows.js';

/** Read-only view of the rows of a table. */
export interface TableRows {
  readonly dimension: number;
  readonly metric: Metric;
  readonly layout: Layout;
  readonly memory: KernelMemory;
  readonly rows: Rows;
  readonly count: number;
}
