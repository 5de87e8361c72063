import type { VectorType } from '../database/state.js';

/** Stores are created one after the other: concurrent CREATE … IF NOT EXISTS may fail. The number is arbitrary. */
export const LOCK_CREATION = 'SELECT pg_advisory_xact_lock(7193460518)';

export const SERVER = `
  SELECT
    current_setting('server_encoding') AS encoding,
    EXISTS (SELECT FROM pg_extension WHERE extname = 'vector') AS installed,
    EXISTS (SELECT FROM pg_available_extensions WHERE name = 'vector') AS available`;

export const CREATE_EXTENSION = 'CREATE EXTENSION IF NOT EXISTS vector';

/**
 * Texts have the collation "C", which orders by bytes and so by code points. A long text cannot be in a B-tree, so unique
 * indexes have its key. JSON is text: `jsonb` accepts no NUL and does not keep it as it was. Timestamps are text, since
 * they have to come back unchanged.
 */
export const CREATE_TABLES = (vectorType: VectorType) => `
  CREATE SCHEMA IF NOT EXISTS store;

  CREATE TABLE IF NOT EXISTS store.state (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    level integer NOT NULL,
    vector_type text NOT NULL,
    last_id bigint NOT NULL DEFAULT 0,
    chunks bigint NOT NULL DEFAULT 0,
    tokens bigint NOT NULL DEFAULT 0,
    profile text,
    staging text,
    rollout text
  );

  CREATE TABLE IF NOT EXISTS store.library (
    id bigint PRIMARY KEY,
    name text COLLATE "C" NOT NULL,
    name_key text COLLATE "C" NOT NULL UNIQUE,
    created_at text
  );

  CREATE TABLE IF NOT EXISTS store.version (
    id bigint PRIMARY KEY,
    library_id bigint NOT NULL REFERENCES store.library,
    name text COLLATE "C" NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    status text NOT NULL,
    progress_pages bigint NOT NULL,
    progress_max_pages bigint NOT NULL,
    error_message text,
    source_url text COLLATE "C",
    scraper_options text,
    created_at text,
    started_at text,
    updated_at text,
    UNIQUE (library_id, name_key)
  );

  CREATE TABLE IF NOT EXISTS store.page (
    id bigint PRIMARY KEY,
    version_id bigint NOT NULL REFERENCES store.version,
    url text COLLATE "C" NOT NULL,
    url_key text COLLATE "C" NOT NULL,
    title text,
    etag text,
    last_modified text,
    content_type text,
    source_content_type text,
    depth bigint,
    created_at text COLLATE "C",
    updated_at text,
    UNIQUE (version_id, url_key)
  );

  CREATE TABLE IF NOT EXISTS store.chunk (
    id bigint PRIMARY KEY,
    page_id bigint NOT NULL REFERENCES store.page,
    version_id bigint NOT NULL,
    sort_order bigint NOT NULL,
    content text NOT NULL,
    metadata text NOT NULL,
    types text[] COLLATE "C" NOT NULL,
    path text[] COLLATE "C" NOT NULL,
    tokens integer NOT NULL,
    created_at text,
    embedding ${vectorType},
    extreme boolean NOT NULL
  );
  CREATE INDEX IF NOT EXISTS chunk_page ON store.chunk (page_id);
  CREATE INDEX IF NOT EXISTS chunk_version ON store.chunk (version_id);

  CREATE TABLE IF NOT EXISTS store.posting (
    term text COLLATE "C",
    version_id bigint,
    chunk_id bigint,
    places bytea NOT NULL,
    PRIMARY KEY (term, version_id, chunk_id)
  );
  CREATE INDEX IF NOT EXISTS posting_chunk ON store.posting (chunk_id);

  CREATE TABLE IF NOT EXISTS store.staged (
    chunk_id bigint PRIMARY KEY,
    embedding ${vectorType},
    extreme boolean NOT NULL
  );

  CREATE TABLE IF NOT EXISTS store.rollout_library (
    name_key text COLLATE "C" PRIMARY KEY,
    name text COLLATE "C" NOT NULL,
    record text NOT NULL
  );

  CREATE TABLE IF NOT EXISTS store.rollout_entry (
    library_key text COLLATE "C",
    entry_key text COLLATE "C",
    key text NOT NULL,
    epoch bigint NOT NULL,
    sequence bigint NOT NULL,
    stamp bigint NOT NULL,
    dirty boolean NOT NULL,
    PRIMARY KEY (library_key, entry_key)
  );
  CREATE INDEX IF NOT EXISTS rollout_entry_position ON store.rollout_entry (library_key, epoch, sequence);
  CREATE INDEX IF NOT EXISTS rollout_entry_dirty ON store.rollout_entry (library_key, epoch, sequence) WHERE dirty;

  CREATE TABLE IF NOT EXISTS store.rollout_operation (
    operation_key text COLLATE "C",
    library_key text COLLATE "C",
    entry_key text COLLATE "C",
    operation text NOT NULL,
    stored_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (operation_key, library_key)
  );
  CREATE INDEX IF NOT EXISTS rollout_operation_entry ON store.rollout_operation (library_key, entry_key);
  CREATE INDEX IF NOT EXISTS rollout_operation_time ON store.rollout_operation (stored_at);

  CREATE TABLE IF NOT EXISTS store.rollout_note (
    kind_key text COLLATE "C",
    note_key text COLLATE "C",
    note text NOT NULL,
    PRIMARY KEY (kind_key, note_key)
  )`;

export const CREATE_STATE = `
  INSERT INTO store.state (level, vector_type)
  VALUES ($1, $2)
  ON CONFLICT DO NOTHING`;
