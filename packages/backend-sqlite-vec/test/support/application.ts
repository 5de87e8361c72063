import Database from 'better-sqlite3';
import * as sqliteVec from 'sqlite-vec';
import { onTestFinished } from 'vitest';

/** A store as the application uses it: plain statements over better-sqlite3 and sqlite-vec, nothing of Switchyard. */
export function openAsApplication(path: string): Database.Database {
  const database = new Database(path);
  onTestFinished(() => {
    database.close();
  });
  sqliteVec.load(database);
  return database;
}

/** Indexes a page, as the application does. */
export function indexPage(
  database: Database.Database,
  library: string,
  version: string,
  page: { readonly url: string; readonly title: string },
  chunks: readonly {
    readonly content: string;
    readonly path: readonly string[];
    readonly vector: readonly number[];
  }[],
): number[] {
  database.prepare('INSERT OR IGNORE INTO libraries (name) VALUES (?)').run(library);
  const { id: libraryId } = database.prepare('SELECT id FROM libraries WHERE name = ?').get(library) as {
    id: number;
  };
  database
    .prepare('INSERT OR IGNORE INTO versions (library_id, name, status) VALUES (?, ?, ?)')
    .run(BigInt(libraryId), version, 'completed');
  const { id: versionId } = database
    .prepare('SELECT id FROM versions WHERE library_id = ? AND name = ?')
    .get(BigInt(libraryId), version) as { id: number };
  const { id: pageId } = database
    .prepare(
      `INSERT INTO pages (version_id, url, title, content_type, depth) VALUES (?, ?, ?, 'text/markdown', 0)
       ON CONFLICT (version_id, url) DO UPDATE SET title = excluded.title
       RETURNING id`,
    )
    .get(BigInt(versionId), page.url, page.title) as { id: number };
  database.prepare('DELETE FROM documents WHERE page_id = ?').run(BigInt(pageId));
  const insert = database.prepare(
    'INSERT INTO documents (page_id, content, metadata, sort_order, embedding) VALUES (?, ?, ?, ?, ?)',
  );
  return chunks.map(({ content, path, vector }, order) =>
    Number(
      insert.run(
        BigInt(pageId),
        content,
        JSON.stringify({ types: ['text'], level: path.length, path }),
        BigInt(order),
        JSON.stringify(vector),
      ).lastInsertRowid,
    ),
  );
}

/** The nearest chunks of a version, as the application asks for them. */
export function nearest(
  database: Database.Database,
  versionId: number,
  vector: readonly number[],
  k: number,
): { id: number; distance: number }[] {
  return database
    .prepare(
      `SELECT rowid AS id, distance FROM documents_vec
       WHERE version_id = ? AND embedding MATCH ? AND k = ? ORDER BY distance`,
    )
    .all(BigInt(versionId), JSON.stringify(vector), BigInt(k)) as { id: number; distance: number }[];
}

/** The chunks that hold a word, as the application asks for them. */
export function words(database: Database.Database, expression: string): { id: number; score: number }[] {
  return database
    .prepare(
      `SELECT rowid AS id, bm25(documents_fts, 10.0, 1.0, 5.0, 1.0) AS score FROM documents_fts
       WHERE documents_fts MATCH ? ORDER BY score, rowid`,
    )
    .all(expression) as { id: number; score: number }[];
}

/** The statements of the schema, by type and name, with blanks evened out; tables of engines are left out. */
export function schemaOf(database: Database.Database): Record<string, string> {
  const rows = database
    .prepare(`SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'`)
    .all() as { type: string; name: string; sql: string }[];
  return Object.fromEntries(rows.map(({ type, name, sql }) => [`${type} ${name}`, sql]));
}
