import type { BuildTools, VectorContender, VectorIndexUnderTest } from '../contenders/vector-contender.js';
import { type VectorSet, vectorAt } from '../harness/ground-truth.js';
import { loadPeer } from './load.js';

interface Database {
  exec(sql: string): Promise<unknown>;
  query<Row>(sql: string, parameters?: readonly unknown[]): Promise<{ readonly rows: readonly Row[] }>;
  close(): Promise<void>;
}

interface Pglite {
  readonly PGlite: new (folder: string, options: { extensions: { vector: unknown } }) => Database;
}

const NAME = '@electric-sql/pglite';
const VECTOR = '@electric-sql/pglite-pgvector';
const ROWS_A_STATEMENT = 200;

export const pglite: readonly VectorContender[] = [
  {
    name: NAME,
    parameters: 'pgvector, L2, no index, exact',
    peer: true,
    sensibleUpTo: 50_000,
    build: (set, tools) => build(set, tools, false),
  },
  {
    name: NAME,
    parameters: 'pgvector HNSW, m 16, ef_construction 64, ef_search 100',
    peer: true,
    sensibleUpTo: 20_000,
    build: (set, tools) => build(set, tools, true),
  },
];

async function build(
  set: VectorSet,
  { workspace }: BuildTools,
  graph: boolean,
): Promise<VectorIndexUnderTest> {
  const { PGlite } = await loadPeer<Pglite>(NAME);
  const { vector } = await loadPeer<{ vector: unknown }>(VECTOR);
  const database = new PGlite(workspace.path('pglite'), { extensions: { vector } });
  await database.exec(`CREATE EXTENSION vector; CREATE TABLE v (id int, embedding vector(${set.dim}))`);
  for (let start = 0; start < set.count; start += ROWS_A_STATEMENT) {
    const rows = Array.from(
      { length: Math.min(ROWS_A_STATEMENT, set.count - start) },
      (_, index) => start + index,
    );
    const values = rows.map((row) => `(${row}, '[${Array.from(vectorAt(set, row)).join(',')}]')`);
    await database.exec(`INSERT INTO v (id, embedding) VALUES ${values.join(', ')}`);
  }
  if (graph) {
    await database.exec(`
      SET maintenance_work_mem = '1GB';
      CREATE INDEX ON v USING hnsw (embedding vector_l2_ops) WITH (m = 16, ef_construction = 64);
      SET hnsw.ef_search = 100;
    `);
  }
  return {
    async search(query, k) {
      const sql = `SELECT id FROM v ORDER BY embedding <-> $1 LIMIT ${k}`;
      const { rows } = await database.query<{ id: number }>(sql, [`[${Array.from(query).join(',')}]`]);
      return rows.map(({ id }) => id);
    },
    close: () => database.close(),
  };
}
