import BetterSqlite from 'better-sqlite3';
import Libsql from 'libsql';
import { load } from 'sqlite-vec';
import { vectorAt } from '../harness/ground-truth.js';
import { toBytes, type VectorContender } from './vector-contender.js';

/** A `vec0` table as the legacy store has it, with nothing around it. */
export const sqliteVec: VectorContender = {
  name: 'sqlite-vec',
  parameters: 'vec0, L2, exact',
  async build(set, { workspace }) {
    const database = new BetterSqlite(workspace.path('sqlite-vec.db'));
    load(database);
    database.pragma('journal_mode = WAL');
    database.exec(`CREATE VIRTUAL TABLE v USING vec0(embedding FLOAT[${set.dim}])`);
    const insert = database.prepare('INSERT INTO v (rowid, embedding) VALUES (?, ?)');
    database.transaction(() => {
      for (let row = 0; row < set.count; row++) insert.run(BigInt(row + 1), toBytes(vectorAt(set, row)));
    })();
    const search = database
      .prepare<[Buffer, number], number>('SELECT rowid FROM v WHERE embedding MATCH ? AND k = ?')
      .pluck();
    return {
      search: (query, k) => search.all(toBytes(query), k).map((rowid) => rowid - 1),
      close: () => {
        database.close();
      },
    };
  },
};

/** What libSQL offers by itself: sorting all rows by the cosine distance. */
export const libsqlScan: VectorContender = {
  name: 'libsql-scan',
  parameters: 'vector_distance_cos, exact',
  async build(set, { workspace }) {
    const database = new Libsql(workspace.path('libsql-scan.db'));
    database.exec('PRAGMA journal_mode = WAL');
    database.exec(`CREATE TABLE v (id INTEGER PRIMARY KEY, embedding F32_BLOB(${set.dim}))`);
    const insert = database.prepare('INSERT INTO v (id, embedding) VALUES (?, ?)');
    database.exec('BEGIN');
    for (let row = 0; row < set.count; row++) insert.run([BigInt(row + 1), toBytes(vectorAt(set, row))]);
    database.exec('COMMIT');
    const search = database.prepare('SELECT id FROM v ORDER BY vector_distance_cos(embedding, ?) LIMIT ?');
    return {
      search: (query, k) =>
        (search.all([toBytes(query), BigInt(k)]) as { id: number }[]).map(({ id }) => id - 1),
      close: () => {
        database.close();
      },
    };
  },
};
