/**
 * Schema of a store at level 014, exactly as in the application's own files, down to the whitespace: a store created by
 * this adapter cannot be told from one of the application.
 */
export const createSchema = `
CREATE TABLE _schema_migrations (
      id TEXT PRIMARY KEY,
      applied_at DATETIME DEFAULT CURRENT_TIMESTAMP
    );
CREATE TABLE libraries (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  created_at DATETIME DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE versions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  library_id INTEGER NOT NULL REFERENCES libraries(id),
  name TEXT, -- NULL for unversioned content
  created_at DATETIME DEFAULT CURRENT_TIMESTAMP, status TEXT DEFAULT 'not_indexed', progress_pages INTEGER DEFAULT 0, progress_max_pages INTEGER DEFAULT 0, error_message TEXT, started_at DATETIME, updated_at DATETIME, source_url TEXT, scraper_options JSON,
  UNIQUE(library_id, name) -- Allows one NULL version per library
);
CREATE TABLE pages (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  version_id INTEGER NOT NULL REFERENCES versions(id),
  url TEXT NOT NULL,
  title TEXT,
  etag TEXT,
  last_modified TEXT,
  content_type TEXT,
  created_at DATETIME DEFAULT CURRENT_TIMESTAMP,
  updated_at DATETIME DEFAULT CURRENT_TIMESTAMP, depth INTEGER, source_content_type TEXT,
  UNIQUE(version_id, url)
);
CREATE TABLE "documents" (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  page_id INTEGER NOT NULL REFERENCES pages(id),
  content TEXT,
  metadata JSON, -- Now contains only chunk-specific metadata (level, path)
  sort_order INTEGER NOT NULL,
  embedding BLOB, -- Store embeddings directly in documents table
  created_at DATETIME DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_versions_library_id ON versions(library_id);
CREATE INDEX idx_versions_status ON versions(status);
CREATE INDEX idx_versions_started_at ON versions(started_at);
CREATE INDEX idx_versions_library_status ON versions(library_id, status);
CREATE INDEX idx_versions_source_url ON versions(source_url);
CREATE INDEX idx_versions_scraper_options_scope 
ON versions(json_extract(scraper_options, '$.scope'));
CREATE UNIQUE INDEX idx_libraries_lower_name ON libraries(LOWER(name));
CREATE UNIQUE INDEX idx_versions_library_lower_name ON versions(library_id, LOWER(name));
CREATE INDEX idx_pages_version_id ON pages(version_id);
CREATE INDEX idx_pages_url ON pages(url);
CREATE INDEX idx_pages_etag ON pages(etag);
CREATE INDEX idx_documents_page_id ON "documents"(page_id);
CREATE INDEX idx_documents_sort_order ON "documents"(page_id, sort_order);
CREATE VIRTUAL TABLE documents_fts USING fts5(
  content,
  title,
  url,
  path,
  tokenize='porter unicode61'
);
`;

/** Migration step 010. */
export const addDepth = `
ALTER TABLE pages ADD COLUMN depth INTEGER
`;

/** Migration step 012. */
export const addSourceContentType = `
ALTER TABLE pages ADD COLUMN source_content_type TEXT
`;

/** Migration step 013, and part of a new store. */
export const createMetadata = `
CREATE TABLE metadata (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
)`;

/** Vector index of a store whose dimension is not known yet. */
export const createDefaultVectorIndex = `
CREATE VIRTUAL TABLE documents_vec USING vec0(
  library_id INTEGER partition key,
  version_id INTEGER partition key,
  embedding FLOAT[1536]
)`;

/**
 * Declares a vector index of a given dimension. Declarations cannot have parameters; the dimension is a checked
 * integer.
 */
export function createVectorIndex(dimension: number): string {
  if (!Number.isSafeInteger(dimension) || dimension < 1) {
    throw new TypeError(`The dimension must be a positive integer, not ${String(dimension)}.`);
  }
  return `
CREATE VIRTUAL TABLE documents_vec USING vec0(
        library_id INTEGER partition key,
        version_id INTEGER partition key,
        embedding FLOAT[${dimension}]
      )`;
}
