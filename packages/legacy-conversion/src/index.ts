/**
 * Converts legacy stores (better-sqlite3 + sqlite-vec) to libSQL stores, and reads them without being able to write
 * them.
 */
export type { BuildProgress } from './build/build.js';
export type { Phase } from './build/journal.js';
export { convertLegacyStore, planConversion } from './conversion-in-child.js';
export type { PlanOptions } from './plan.js';
export type { ConversionProblem, ProblemCounts, ProblemKind } from './problems.js';
export type { LegacyCounts } from './source/counts.js';
export { LegacySource } from './source/isolated-source.js';
export type { LegacySourceOptions } from './source/legacy-source.js';
export * from './types.js';
