import BetterSqlite from 'better-sqlite3';
import { load } from 'sqlite-vec';
import { type VectorSet, vectorAt } from '../../harness/ground-truth.js';
import {
  type BuildTools,
  toBytes,
  type VectorContender,
  type VectorIndexUnderTest,
} from '../vector-contender.js';

/** A plain `vec0` table, as in the legacy store. */
export const sqliteVec: VectorContender = {
  name: 'sqlite-vec',
  parameters: 'vec0, L2, exact',
  build: async (set, tools) => openSqliteVec(fillSqliteVec(set, tools)),
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
