/**
 * Schema of a new store, level 1. The catalog has the tables and columns that the SQL of `sqlite-common` expects.
 * Vectors have a table of their own (see vector-table.sql.ts), full text keeps no copy of the texts, and no table needs
 * an extension.
 *
 * In `vector_generations`, `coded` is the log generation (how far the log of codes has come) and `base` the oldest
 * replayable generation (a table cached at an earlier one is reloaded). The stored text is frozen, so its names stay.
 */
export const BASELINE = `
  CREATE TABLE switchyard_meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
  );

  CREATE TABLE switchyard_migrations (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    checksum TEXT NOT NULL,
    applied_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
  );

  CREATE TABLE libraries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    created_at TEXT DEFAULT CURRENT_TIMESTAMP
  );
  CREATE UNIQUE INDEX libraries_by_name ON libraries (lower(name));

  CREATE TABLE versions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    library_id INTEGER NOT NULL REFERENCES libraries (id),
    name TEXT NOT NULL,
    created_at TEXT DEFAULT CURRENT_TIMESTAMP,
    status TEXT NOT NULL DEFAULT 'not_indexed',
    progress_pages INTEGER NOT NULL DEFAULT 0,
    progress_max_pages INTEGER NOT NULL DEFAULT 0,
    error_message TEXT,
    started_at TEXT,
    updated_at TEXT,
    source_url TEXT,
    scraper_options TEXT
  );
  CREATE UNIQUE INDEX versions_by_name ON versions (library_id, lower(name));
  CREATE INDEX versions_by_status ON versions (status);
  CREATE INDEX versions_by_source_url ON versions (source_url);

  CREATE TABLE pages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    version_id INTEGER NOT NULL REFERENCES versions (id),
    url TEXT NOT NULL,
    title TEXT,
    etag TEXT,
    last_modified TEXT,
    content_type TEXT,
    source_content_type TEXT,
    depth INTEGER,
    created_at TEXT DEFAULT CURRENT_TIMESTAMP,
    updated_at TEXT DEFAULT CURRENT_TIMESTAMP
  );
  CREATE UNIQUE INDEX pages_by_url ON pages (version_id, url);
  -- Pages of a version in the order of their ids: what a copy reads.
  CREATE INDEX pages_by_version ON pages (version_id);

  -- version_id and structural repeat what the page and the metadata say, for searches that look at nothing else.
  CREATE TABLE documents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    page_id INTEGER NOT NULL REFERENCES pages (id),
    version_id INTEGER NOT NULL,
    sort_order INTEGER NOT NULL,
    structural INTEGER NOT NULL DEFAULT 0,
    created_at TEXT DEFAULT CURRENT_TIMESTAMP,
    metadata TEXT,
    content TEXT
  );
  -- With created_at, so that the overview reads no chunk.
  CREATE INDEX documents_by_page ON documents (page_id, sort_order, created_at);
  CREATE INDEX documents_by_version ON documents (version_id);
  CREATE INDEX documents_structural ON documents (version_id) WHERE structural = 1;

  CREATE VIEW documents_text AS
  SELECT
    documents.id,
    documents.page_id,
    documents.version_id,
    documents.content,
    pages.title,
    pages.url,
    CASE WHEN json_valid(documents.metadata) THEN json_extract(documents.metadata, '$.path') END AS path
  FROM documents
  JOIN pages ON pages.id = documents.page_id;

  -- External content: FTS5 reads the texts from the view when it has to. A contentless table with contentless_delete
  -- would not do: its row count and average length keep counting deleted rows, which changes every bm25.
  CREATE VIRTUAL TABLE documents_fts USING fts5(
    content,
    title,
    url,
    path,
    tokenize = 'porter unicode61',
    content = 'documents_text',
    content_rowid = 'id'
  );

  -- How far the vectors of a version have come: see vectors/generations.ts. Rows are never deleted, so that a number
  -- never comes back.
  CREATE TABLE vector_generations (
    version_id INTEGER PRIMARY KEY,
    generation INTEGER NOT NULL,
    coded INTEGER NOT NULL DEFAULT 0,
    base INTEGER NOT NULL DEFAULT 0
  );`;
