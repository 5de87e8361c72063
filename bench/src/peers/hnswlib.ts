import type { VectorContender, VectorIndexUnderTest } from '../contenders/vector-contender.js';
import { type VectorSet, vectorAt } from '../harness/ground-truth.js';
import { loadPeer } from './load.js';

interface Index {
  initIndex(options: { maxElements: number; m: number; efConstruction: number }): void;
  addPoint(vector: readonly number[], label: number): void;
  setEf(ef: number): void;
  searchKnn(query: readonly number[], k: number): { readonly neighbors: readonly number[] };
}

interface Hnswlib {
  readonly default: { readonly HierarchicalNSW: new (space: 'cosine' | 'l2', dim: number) => Index };
}

const NAME = 'hnswlib-node';

export const hnswlib: readonly VectorContender[] = [50, 200, 1000].map((ef) => ({
  name: NAME,
  parameters: `HNSW, M 16, efConstruction 200, ef ${ef}`,
  peer: true,
  sensibleUpTo: 50_000,
  build: (set) => build(set, ef),
}));

/** All settings search the same graph. */
const graphs = new WeakMap<VectorSet, Index>();

async function build(set: VectorSet, ef: number): Promise<VectorIndexUnderTest> {
  const index = graphs.get(set) ?? (await buildGraph(set));
  graphs.set(set, index);
  return {
    search(query, k) {
      index.setEf(Math.max(ef, k));
      return index.searchKnn(Array.from(query), k).neighbors;
    },
    close: () => undefined,
  };
}

async function buildGraph(set: VectorSet): Promise<Index> {
  const { HierarchicalNSW } = (await loadPeer<Hnswlib>(NAME)).default;
  const index = new HierarchicalNSW('l2', set.dim);
  index.initIndex({ maxElements: set.count, m: 16, efConstruction: 200 });
  for (let row = 0; row < set.count; row++) index.addPoint(Array.from(vectorAt(set, row)), row);
  return index;
}
