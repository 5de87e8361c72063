import type { VectorContender, VectorIndexUnderTest } from '../contenders/vector-contender.js';
import { type VectorSet, vectorAt } from '../harness/ground-truth.js';
import { requirePeer } from './load.js';

interface Matches {
  readonly keys: BigUint64Array;
}

interface Usearch {
  readonly MetricKind: { readonly L2sq: string };
  readonly ScalarKind: { readonly F32: string };
  readonly Index: new (options: {
    dimensions: number;
    metric: string;
    quantization: string;
    connectivity: number;
    expansion_add: number;
    expansion_search: number;
  }) => {
    add(keys: BigUint64Array, vectors: Float32Array, threads: number): void;
    search(query: Float32Array, k: number, threads: number): Matches;
  };
  exactSearch(
    dataset: Float32Array,
    queries: Float32Array,
    dimensions: number,
    count: number,
    metric: string,
    threads: number,
  ): Matches;
}

const NAME = 'usearch';

export const usearch: readonly VectorContender[] = [
  {
    name: NAME,
    parameters: 'exactSearch, f32 in memory, one thread',
    peer: true,
    build: (set) => {
      const { exactSearch, MetricKind } = requirePeer<Usearch>(NAME);
      return Promise.resolve({
        search: (query, k) =>
          Array.from(exactSearch(set.values, query, set.dim, k, MetricKind.L2sq, 1).keys, Number),
        close: () => undefined,
      });
    },
  },
  {
    name: NAME,
    parameters: 'HNSW f32, connectivity 16, expansion 128 / 64',
    peer: true,
    sensibleUpTo: 50_000,
    build: buildGraph,
  },
];

function buildGraph(set: VectorSet): Promise<VectorIndexUnderTest> {
  const { Index, MetricKind, ScalarKind } = requirePeer<Usearch>(NAME);
  const index = new Index({
    dimensions: set.dim,
    metric: MetricKind.L2sq,
    quantization: ScalarKind.F32,
    connectivity: 16,
    expansion_add: 128,
    expansion_search: 64,
  });
  for (let row = 0; row < set.count; row++) index.add(BigUint64Array.of(BigInt(row)), vectorAt(set, row), 1);
  return Promise.resolve({
    search: (query, k) => Array.from(index.search(query, k, 1).keys, Number),
    close: () => undefined,
  });
}
