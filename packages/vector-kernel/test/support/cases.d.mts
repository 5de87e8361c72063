import type { Metric } from '@switchyard/vector-kernel';

export function makeRandom(seed: number): () => number;
export function makeVectors(
  random: () => number,
  count: number,
  queries: number,
  dimension: number,
): { rows: Float32Array; queries: Float32Array };
export function bruteForce(
  metric: Metric,
  query: Float32Array,
  rows: Float32Array,
  ids: Float64Array,
  measure?: (metric: Metric, a: Float32Array, b: Float32Array) => number,
): { id: number; distance: number }[];
export function plainDistance(metric: Metric, a: Float32Array, b: Float32Array): number;
