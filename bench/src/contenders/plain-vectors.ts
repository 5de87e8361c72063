import BetterSqlite from 'better-sqlite3';
import Libsql from 'libsql';
import { load } from 'sqlite-vec';
import { type VectorSet, vectorAt } from '../harness/ground-truth.js';
import {
  type BuildTools,
  toBytes,
  type VectorContender,
  type VectorIndexUnderTest,
} from './vector-contender.js';

/** A plain `vec0` table, as in the legacy store. */
export const sqliteVec: VectorContender = {
  name: 'sqlite-vec',
  parameters: 'vec0, L2, exact',
  build: async (set, tools) => openSqliteVec(fillSqliteVec(set, tools)),
};

/** Plain libSQL: sorts all rows by cosine distance. */
export const libsqlScan: VectorContender = {
  name: 'libsql-scan',
  parameters: 'vector_distance_cos, exact',
  build: async (set, tools) => openLibsqlScan(fillLibsqlScan(set, tools)),
};

/** @returns The path of the file. */
export function fillSqliteVec(set: VectorSet, { workspace }: BuildTools): string {
  const path = workspace.path('sqlite-vec.db');
  const database = openWithExtension(path);
  database.pragma('journal_mode = WAL');
  database.exec(`CREATE VIRTUAL TABLE v USING vec0(embedding FLOAT[${set.dim}])`);
  const insert = database.prepare('INSERT INTO v (rowid, embedding) VALUES (?, ?)');
  database.transaction(() => {
    for (let row = 0; row < set.count; row++) insert.run(BigInt(row + 1), toBytes(vectorAt(set, row)));
  })();
  database.close();
  return path;
}

export function openSqliteVec(path: string): VectorIndexUnderTest {
  const database = openWithExtension(path);
  const search = database
    .prepare<[Buffer, number], number>('SELECT rowid FROM v WHERE embedding MATCH ? AND k = ?')
    .pluck();
  return {
    search: (query, k) => search.all(toBytes(query), k).map((rowid) => rowid - 1),
    close: () => {
      database.close();
    },
  };
}

function openWithExtension(path: string): BetterSqlite.Database {
  const database = new BetterSqlite(path);
  load(database);
  return database;
}

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
