import type { BuildTools, VectorContender, VectorIndexUnderTest } from '../contenders/vector-contender.js';
import { type VectorSet, vectorAt } from '../harness/ground-truth.js';
import { loadPeer } from './load.js';

interface Appender {
  appendInteger(value: number): void;
  appendArray(value: unknown, type: unknown): void;
  endRow(): void;
  flushSync(): void;
  closeSync(): void;
}

interface Prepared {
  bindArray(index: number, value: unknown, type: unknown): void;
  runAndReadAll(): Promise<{ getRows(): readonly (readonly unknown[])[] }>;
}

interface Connection {
  run(sql: string): Promise<unknown>;
  createAppender(table: string): Promise<Appender>;
  prepare(sql: string): Promise<Prepared>;
  closeSync(): void;
}

interface DuckDb {
  readonly DuckDBInstance: {
    create(path: string): Promise<{ connect(): Promise<Connection>; closeSync(): void }>;
  };
  readonly FLOAT: unknown;
  ARRAY(type: unknown, length: number): unknown;
  arrayValue(items: readonly number[]): unknown;
}

const NAME = '@duckdb/node-api';

/** Scans all rows: the extension `vss` is not on npm. */
export const duckdb: VectorContender = {
  name: NAME,
  parameters: 'array_distance over all rows, file, exact',
  peer: true,
  sensibleUpTo: 50_000,
  build,
};

async function build(set: VectorSet, { workspace }: BuildTools): Promise<VectorIndexUnderTest> {
  const { DuckDBInstance, FLOAT, ARRAY, arrayValue } = await loadPeer<DuckDb>(NAME);
  const instance = await DuckDBInstance.create(workspace.path('duckdb.db'));
  const connection = await instance.connect();
  const type = ARRAY(FLOAT, set.dim);
  await connection.run(`CREATE TABLE v (id INTEGER, embedding FLOAT[${set.dim}])`);
  const appender = await connection.createAppender('v');
  for (let row = 0; row < set.count; row++) {
    appender.appendInteger(row);
    appender.appendArray(arrayValue(Array.from(vectorAt(set, row))), type);
    appender.endRow();
    if (row % 2_000 === 1_999) appender.flushSync();
  }
  appender.closeSync();
  const statements = new Map<number, Prepared>();
  return {
    async search(query, k) {
      const statement =
        statements.get(k) ??
        (await connection.prepare(
          `SELECT id FROM v ORDER BY array_distance(embedding, $1::FLOAT[${set.dim}]) LIMIT ${k}`,
        ));
      statements.set(k, statement);
      statement.bindArray(1, arrayValue(Array.from(query)), type);
      return (await statement.runAndReadAll()).getRows().map((row) => Number(row[0]));
    },
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}
