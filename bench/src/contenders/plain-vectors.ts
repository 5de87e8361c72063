import Libsql from 'libsql';
import { type VectorSet, vectorAt } from '../harness/ground-truth.js';
import {
  type BuildTools,
  toBytes,
  type VectorContender,
  type VectorIndexUnderTest,
} from './vector-contender.js';

/** Plain libSQL: sorts all rows by cosine distance. */
export const libsqlScan: VectorContender = {
  name: 'libsql-scan',
  parameters: 'vector_distance_cos, exact',
  build: async (set, tools) => openLibsqlScan(fillLibsqlScan(set, tools)),
};

/** @returns The path of the file. */
export function fillLibsqlScan(set: VectorSet, { workspace }: BuildTools): string {
  const path = workspace.path('libsql-scan.db');
  const database = new Libsql(path);
  database.exec('PRAGMA journal_mode = WAL');
  database.exec(`CREATE TABLE v (id INTEGER PRIMARY KEY, embedding F32_BLOB(${set.dim}))`);
  const insert = database.prepare('INSERT INTO v (id, embedding) VALUES (?, ?)');
  database.exec('BEGIN');
  for (let row = 0; row < set.count; row++) insert.run([BigInt(row + 1), toBytes(vectorAt(set, row))]);
  database.exec('COMMIT');
  database.close();
  return path;
}

export function openLibsqlScan(path: string): VectorIndexUnderTest {
  const database = new Libsql(path);
  const search = database.prepare('SELECT id FROM v ORDER BY vector_distance_cos(embedding, ?) LIMIT ?');
  return {
    search: (query, k) =>
      (search.all([toBytes(query), BigInt(k)]) as { id: number }[]).map(({ id }) => id - 1),
    close: () => {
      database.close();
    },
  };
}
