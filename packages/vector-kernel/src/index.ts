/** Internal to the libSQL backend of Switchyard. Not a public API; may change in any release. */
export { BlockFormatError, blockByteLength, quantizeRows, rowsPerBlock } from './block-format.js';
export { CodeTable, type CodeTableOptions } from './code-table.js';
export { distance, distances } from './distance.js';
export type { VectorData } from './float32.js';
export type { IdData } from './ids.js';
export {
  createKernel,
  type Implementation,
  type Kernel,
  type KernelMemory,
  type KernelOptions,
} from './kernel.js';
export { MAX_DIMENSION, METRICS, type Metric } from './metric.js';
export {
  type FetchedVector,
  type Measure,
  MissingVectorError,
  type Neighbor,
  nearest,
  nearestSync,
  rescore,
} from './nearest.js';
export type { ScanResult } from './scan-result.js';
export { sortPairs } from './select.js';
export { VectorRows, type VectorRowsOptions } from './vector-rows.js';
