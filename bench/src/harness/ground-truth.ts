import type { Progress } from './progress.js';

/** Vectors one after the other in one array, which a structured clone or a driver can treat as bytes. */
export interface VectorSet {
  readonly dim: number;
  readonly count: number;
  readonly values: Float32Array<ArrayBuffer>;
}

/** Returns one vector of a set without copying it. */
export function vectorAt({ values, dim }: VectorSet, row: number): Float32Array<ArrayBuffer> {
  return values.subarray(row * dim, (row + 1) * dim);
}

/** Distances of the true neighbors, by which an answer is judged. */
export interface Truth {
  /** Squared Euclidean distance of every row from the query, in float64. */
  readonly distances: Float64Array;
  /** Distance of the k-th nearest row, for k = 1, 2, … */
  readonly nearest: Float64Array;
}

/** Measures every row in float64. All vectors have length 1, so Euclidean and cosine neighbors are the same. */
export function findTruth(set: VectorSet, query: Float32Array, deepest: number): Truth {
  const { dim, count, values } = set;
  const distances = new Float64Array(count);
  for (let row = 0, at = 0; row < count; row++) {
    let sum = 0;
    for (let i = 0; i < dim; i++, at++) {
      const difference = (values[at] as number) - (query[i] as number);
      sum += difference * difference;
    }
    distances[row] = sum;
  }
  return { distances, nearest: distances.slice().sort().slice(0, deepest) };
}

/** Runs {@link findTruth} for many queries. */
export function findTruths(
  set: VectorSet,
  queries: readonly { readonly vector: Float32Array }[],
  deepest: number,
  progress: Progress,
): Truth[] {
  return queries.map(({ vector }, index) => {
    const truth = findTruth(set, vector, deepest);
    progress.step(index + 1, queries.length, 'queries answered in float64 for the recall');
    return truth;
  });
}

/**
 * Returns the share of the k true neighbors in an answer. A row as near as the k-th one counts, since rows can repeat:
 * within 1e-6, the precision of a float32 distance.
 */
export function recallOf(truth: Truth, answer: readonly number[], k: number): number {
  const wanted = Math.min(k, truth.distances.length);
  if (wanted === 0) return 1;
  const limit = (truth.nearest[wanted - 1] as number) + 1e-6;
  const right = new Set(answer.slice(0, wanted).filter((row) => (truth.distances[row] ?? Infinity) <= limit));
  return right.size / wanted;
}
