import { parseSearchText } from '@switchyard/storage-core';
import { type FtsHit, fuse, type VectorHit } from '@switchyard/storage-core/backend';
import Database from 'better-sqlite3';
import { load } from 'sqlite-vec';
import type { CorpusPage } from '../../corpus/types.js';
import type { OtherStore, PageToWrite } from '../hybrid-stores.js';

/**
 * One statement for a search, as in applications of the legacy store: the vector part and the full-text part are joined
 * to a scan of all chunks of the version. The vector part is materialized here; otherwise SQLite runs it once for every
 * chunk, and a search takes minutes.
 */
const SEARCH = `
  WITH nearest AS MATERIALIZED (
    SELECT rowid AS id, distance
    FROM documents_vec
    WHERE library_id = @library AND version_id = @version AND embedding MATCH @vector AND k = @vectorLimit
  ),
  matches AS (
    SELECT f.rowid AS id, bm25(documents_fts, 10.0, 1.0, 5.0, 1.0) AS rank
    FROM documents_fts f
    JOIN documents d ON d.id = f.rowid
    JOIN pages p ON p.id = d.page_id
    WHERE p.version_id = @version AND documents_fts MATCH @words
    ORDER BY rank
    LIMIT @wordLimit
  )
  SELECT
    d.id, d.content, d.metadata, d.sort_order, p.id AS page_id, p.url, p.title, p.content_type,
    n.distance AS distance,
    m.rank AS rank
  FROM documents d
  JOIN pages p ON p.id = d.page_id
  LEFT JOIN nearest n ON n.id = d.id
  LEFT JOIN matches m ON m.id = d.id
  WHERE p.version_id = @version
    AND (n.id IS NOT NULL OR m.id IS NOT NULL)
    AND NOT EXISTS (
      SELECT 1 FROM json_each(json_extract(d.metadata, '$.types')) t WHERE t.value = 'structural'
    )
`;

const VERSION = `
  SELECT v.id AS version, v.library_id AS library
  FROM versions v JOIN libraries l ON l.id = v.library_id
  WHERE l.name = lower(?) AND coalesce(v.name, '') = lower(?)
`;

interface Row {
  readonly id: number;
  readonly distance: number | null;
  readonly rank: number | null;
}

/** The SQL of today's applications with better-sqlite3 and sqlite-vec, on a legacy store, bypassing all ports. */
export class AppSqlStore implements OtherStore {
  readonly name = 'app-sql';
  readonly searching = 'one statement, vector part materialized';
  readonly #versions = new Map<string, number>();
  readonly #database: Database.Database;
  readonly #search: Database.Statement<[object], Row>;
  readonly #version: Database.Statement<[string, string], { version: number; library: number }>;
  readonly #writePage: (versionId: number, page: CorpusPage, vectors: readonly Float32Array[]) => void;

  constructor(path: string) {
    this.#database = new Database(path);
    load(this.#database);
    this.#database.pragma('journal_mode = WAL');
    this.#database.pragma('foreign_keys = ON');
    this.#search = this.#database.prepare(SEARCH);
    this.#version = this.#database.prepare(VERSION);
    this.#writePage = preparePageWriter(this.#database);
  }

  writing(pages: number): string {
    const form = 'triggers, vectors as JSON';
    return pages === 1 ? form : `${form}, ${pages} pages per transaction`;
  }

  createVersion(library: string, version: string): void {
    this.#database.prepare('INSERT INTO libraries (name) VALUES (?) ON CONFLICT DO NOTHING').run(library);
    this.#database
      .prepare('INSERT INTO versions (library_id, name) SELECT id, ? FROM libraries WHERE name = ?')
      .run(version, library);
  }

  #versionId(library: string, version: string): number {
    const name = `${library}@${version}`;
    const id = this.#versions.get(name) ?? this.#version.get(library, version)?.version;
    if (id === undefined) throw new Error(`Version ${version} of ${library} does not exist.`);
    this.#versions.set(name, id);
    return id;
  }

  search(library: string, version: string, text: string, vector: Float32Array, limit: number): number[] {
    const terms = parseSearchText(text).map((term) => `"${term.replaceAll('"', '""')}"`);
    const phrase = `"${parseSearchText(text).join(' ').replaceAll('"', '""')}"`;
    const rows = this.#search.all({
      ...this.#version.get(library, version),
      vector: Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength),
      words: terms.length === 1 ? terms[0] : `${phrase} OR ${terms.join(' OR ')}`,
      wordLimit: limit * 2,
      vectorLimit: limit * 20,
    });
    const nearest: VectorHit[] = [];
    const matches: FtsHit[] = [];
    for (const { id, distance, rank } of rows) {
      if (distance !== null) nearest.push({ chunkId: id, distance });
      if (rank !== null) matches.push({ chunkId: id, score: -rank });
    }
    return fuse(nearest, matches, new Set())
      .slice(0, limit)
      .map((hit) => hit.chunkId);
  }

  /** Inserts the row of each chunk and its vector as JSON; triggers do the rest. */
  writePages(library: string, version: string, pages: readonly PageToWrite[]): void {
    const versionId = this.#versionId(library, version);
    const writeAll = () => {
      for (const { page, vectors } of pages) this.#writePage(versionId, page, vectors);
    };
    if (pages.length === 1) writeAll();
    else this.#database.transaction(writeAll)();
  }

  close(): void {
    this.#database.close();
  }
}

const UPSERT_PAGE = `
  INSERT INTO pages (version_id, url, title, content_type) VALUES (?, ?, ?, ?)
  ON CONFLICT (version_id, url) DO UPDATE SET title = excluded.title, content_type = excluded.content_type
  RETURNING id
`;
const DELETE_CHUNKS = `
  DELETE FROM documents WHERE page_id IN (SELECT id FROM pages WHERE version_id = ? AND url = ?)
`;
const INSERT_CHUNK = `
  INSERT INTO documents (page_id, content, metadata, sort_order) VALUES (?, ?, ?, ?)
`;
const SET_EMBEDDING = `
  UPDATE documents SET embedding = ? WHERE id = ?
`;

function preparePageWriter(database: Database.Database) {
  const upsertPage = database.prepare<[number, string, string, string], { id: number }>(UPSERT_PAGE);
  const deleteChunks = database.prepare(DELETE_CHUNKS);
  const insertChunk = database.prepare(INSERT_CHUNK);
  const setEmbedding = database.prepare(SET_EMBEDDING);
  const write = database.transaction(
    (versionId: number, page: CorpusPage, vectors: readonly Float32Array[]) => {
      const { id } = upsertPage.get(versionId, page.url, page.title, 'text/markdown') as { id: number };
      for (const [order, { content, metadata }] of page.chunks.entries()) {
        const { lastInsertRowid } = insertChunk.run(id, content, JSON.stringify(metadata), order);
        setEmbedding.run(JSON.stringify(Array.from(vectors[order] as Float32Array)), lastInsertRowid);
      }
    },
  );
  return (versionId: number, page: CorpusPage, vectors: readonly Float32Array[]) => {
    deleteChunks.run(versionId, page.url);
    write(versionId, page, vectors);
  };
}
