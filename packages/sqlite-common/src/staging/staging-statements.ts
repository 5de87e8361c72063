/** Re-embedding state that both SQLite backends store. Each has its own table of staged vectors. */
import { integer, text } from '../rows/text-columns.js';

/**
 * The tables exist only while a store is being re-embedded. The triggers remove staged rows of a chunk that is deleted,
 * replaced or changed, by whichever process or program: its id may come back with different text.
 */
export const CREATE_STAGING = `
  CREATE TABLE staged_profile (
    model TEXT,
    dimension INTEGER NOT NULL,
    metric TEXT NOT NULL
  );

  -- Chunks that were given up: they will have no vector.
  CREATE TABLE staged_without_vector (
    document_id INTEGER PRIMARY KEY
  );

  CREATE TRIGGER staging_forgets_deleted AFTER DELETE ON documents BEGIN
    DELETE FROM staged_vectors WHERE document_id = OLD.id;
    DELETE FROM staged_without_vector WHERE document_id = OLD.id;
  END;

  CREATE TRIGGER staging_forgets_inserted AFTER INSERT ON documents BEGIN
    DELETE FROM staged_vectors WHERE document_id = NEW.id;
    DELETE FROM staged_without_vector WHERE document_id = NEW.id;
  END;

  CREATE TRIGGER staging_forgets_changed AFTER UPDATE OF content, metadata, page_id ON documents BEGIN
    DELETE FROM staged_vectors WHERE document_id = OLD.id;
    DELETE FROM staged_without_vector WHERE document_id = OLD.id;
  END;

  CREATE TRIGGER staging_takes_vector AFTER INSERT ON staged_vectors BEGIN
    DELETE FROM staged_without_vector WHERE document_id = NEW.document_id;
  END;

  CREATE TRIGGER staging_gives_up AFTER INSERT ON staged_without_vector BEGIN
    DELETE FROM staged_vectors WHERE document_id = NEW.document_id;
  END;`;

/** Drops everything except the staged vectors. */
export const DROP_STAGING = `
  DROP TRIGGER IF EXISTS staging_forgets_deleted;
  DROP TRIGGER IF EXISTS staging_forgets_inserted;
  DROP TRIGGER IF EXISTS staging_forgets_changed;
  DROP TRIGGER IF EXISTS staging_takes_vector;
  DROP TRIGGER IF EXISTS staging_gives_up;
  DROP TABLE IF EXISTS staged_without_vector;
  DROP TABLE IF EXISTS staged_profile;`;

export const DROP_STAGED_VECTORS = `
  DROP TABLE IF EXISTS staged_vectors;`;

export const STAGING_EXISTS = `
  SELECT 1 AS found FROM sqlite_master WHERE type = 'table' AND name = 'staged_profile'`;

export const STAGED_PROFILE = `
  SELECT
    ${text('staged_profile.model')}, ${integer('staged_profile.dimension')}, ${text('staged_profile.metric')}
  FROM staged_profile`;

export const PUT_STAGED_PROFILE = `
  INSERT INTO staged_profile (model, dimension, metric) VALUES (?, ?, ?)`;

export const COUNT_STAGED = `
  SELECT
    (SELECT count(*) FROM staged_vectors) AS vectors,
    (SELECT count(*) FROM staged_without_vector) AS without,
    (SELECT count(*) FROM documents JOIN pages ON pages.id = documents.page_id) AS total`;

export const COUNT_MISSING = `
  SELECT count(*) AS n
  FROM documents
  JOIN pages ON pages.id = documents.page_id
  WHERE NOT EXISTS (SELECT 1 FROM staged_vectors WHERE document_id = documents.id)
    AND NOT EXISTS (SELECT 1 FROM staged_without_vector WHERE document_id = documents.id)`;

/** CROSS JOIN makes SQLite go by chunk id, in order, rather than page by page. */
export const MISSING_AFTER = `
  SELECT
    documents.id,
    ${integer('documents.page_id')},
    ${text('documents.content')},
    ${text('documents.metadata')},
    ${text('pages.url', { idColumn: 'page_id' })},
    ${text('pages.title', { idColumn: 'page_id' })}
  FROM documents
  CROSS JOIN pages ON pages.id = documents.page_id
  WHERE documents.id > ?
    AND NOT EXISTS (SELECT 1 FROM staged_vectors WHERE document_id = documents.id)
    AND NOT EXISTS (SELECT 1 FROM staged_without_vector WHERE document_id = documents.id)
  ORDER BY documents.id
  LIMIT ?`;

/**
 * Takes ids as a JSON array. A single statement without a transaction, so it checks the profile and the chunks itself.
 */
export const GIVE_UP = `
  INSERT OR REPLACE INTO staged_without_vector (document_id)
  SELECT documents.id
  FROM json_each(?) AS item
  JOIN documents ON documents.id = item.value
  WHERE EXISTS (SELECT 1 FROM staged_profile WHERE model IS ? AND dimension = ? AND metric = ?)`;
