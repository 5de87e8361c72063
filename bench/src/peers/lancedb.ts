import type { BuildTools, VectorContender, VectorIndexUnderTest } from '../contenders/vector-contender.js';
import { type VectorSet, vectorAt } from '../harness/ground-truth.js';
import { loadPeer } from './load.js';

interface Query {
  distanceType(metric: 'l2'): Query;
  limit(k: number): Query;
  select(columns: readonly string[]): Query;
  nprobes(count: number): Query;
  refineFactor(factor: number): Query;
  ef(ef: number): Query;
  toArray(): Promise<readonly { readonly id: number }[]>;
}

interface Table {
  add(rows: readonly object[]): Promise<unknown>;
  createIndex(column: string, options: { config: unknown }): Promise<void>;
  vectorSearch(query: Float32Array): Query;
  close(): void;
}

interface Connection {
  createTable(name: string, rows: readonly object[]): Promise<Table>;
  close(): void;
}

interface LanceDb {
  connect(folder: string): Promise<Connection>;
  readonly Index: {
    ivfPq(options: { distanceType: 'l2'; numPartitions: number; numSubVectors: number }): unknown;
    hnswSq(options: { distanceType: 'l2'; numPartitions: number }): unknown;
  };
}

type Kind = 'flat' | 'ivf_pq' | 'ivf_hnsw_sq';

const NAME = '@lancedb/lancedb';
const ROWS_A_BATCH = 2_000;

/** One partition per 4,000 rows, as its documentation recommends, and the square root of the number otherwise. */
export const lancedb: readonly VectorContender[] = [
  contender('flat', 'no index, L2, exact'),
  contender('ivf_pq', 'IVF_PQ, √n partitions, dim / 8 sub-vectors, 20 probes, refine 5'),
  contender('ivf_hnsw_sq', 'IVF_HNSW_SQ, 1 partition, ef 100, refine 2'),
];

function contender(kind: Kind, parameters: string): VectorContender {
  return {
    name: NAME,
    parameters,
    peer: true,
    sensibleUpTo: 50_000,
    build: (set, tools) => build(set, tools, kind),
  };
}

async function build(set: VectorSet, { workspace }: BuildTools, kind: Kind): Promise<VectorIndexUnderTest> {
  const { connect, Index } = await loadPeer<LanceDb>(NAME);
  const connection = await connect(workspace.path(`lancedb-${kind}`));
  let table: Table | undefined;
  for (let start = 0; start < set.count; start += ROWS_A_BATCH) {
    const rows = Array.from({ length: Math.min(ROWS_A_BATCH, set.count - start) }, (_, index) => ({
      id: start + index,
      vector: Array.from(vectorAt(set, start + index)),
    }));
    if (table === undefined) table = await connection.createTable('vectors', rows);
    else await table.add(rows);
  }
  const filled = table as Table;
  if (kind === 'ivf_pq') {
    const numPartitions = Math.max(1, Math.round(Math.sqrt(set.count)));
    const config = Index.ivfPq({ distanceType: 'l2', numPartitions, numSubVectors: set.dim / 8 });
    await filled.createIndex('vector', { config });
  } else if (kind === 'ivf_hnsw_sq') {
    await filled.createIndex('vector', { config: Index.hnswSq({ distanceType: 'l2', numPartitions: 1 }) });
  }
  return {
    async search(query, k) {
      const plain = filled.vectorSearch(query).distanceType('l2').select(['id', '_distance']).limit(k);
      const tuned =
        kind === 'ivf_pq'
          ? plain.nprobes(20).refineFactor(5)
          : kind === 'ivf_hnsw_sq'
            ? plain.ef(Math.max(100, 2 * k)).refineFactor(2)
            : plain;
      return (await tuned.toArray()).map(({ id }) => id);
    },
    close() {
      filled.close();
      connection.close();
    },
  };
}
