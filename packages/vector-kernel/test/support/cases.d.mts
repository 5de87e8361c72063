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
): { id: number; distance: number }[];
