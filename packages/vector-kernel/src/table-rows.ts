import type { KernelMemory } from './kernel.js';
import type { Layout } from './layout.js';
import type { Metric } from './metric.js';
import type { Rows } from './rows.js';

/** The rows of a table as they are at one moment: what reading them needs, without what changing them needs. */
export interface TableRows {
  readonly dimension: number;
  readonly metric: Metric;
  readonly layout: Layout;
  readonly memory: KernelMemory;
  readonly rows: Rows;
  readonly count: number;
}
