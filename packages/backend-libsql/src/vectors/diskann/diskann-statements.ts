import { bytes, integer } from '@switchyard/sqlite-common';
import type { Metric, VersionId } from '@switchyard/storage-core';

export const HAS_TABLES = `
  SELECT 1 AS n FROM sqlite_master WHERE type = 'table' AND name = 'neighbour_indexes'`;

/**
 * Made with the first index. The index stands on a table of its own, so that other drivers can still write the vectors,
 * and its rows are never deleted while it is there: deleting from it is what damages it (libsql #2197).
 *
 * neighbour_members says which chunks have the vector of an entry. Triggers take a chunk out of it with every change of
 * its vector, whoever makes it, and put what is new on the list neighbour_pending, which is searched exactly.
 */
export function createTables(dimension: number): string {
  return `
    CREATE TABLE neighbour_indexes (version_id INTEGER PRIMARY KEY, metric TEXT NOT NULL, entries INTEGER NOT NULL);
    CREATE TABLE neighbour_entries (
      id INTEGER PRIMARY KEY,
      version_id INTEGER NOT NULL,
      embedding F32_BLOB(${dimension}) NOT NULL
    );
    CREATE INDEX neighbour_entries_by_version ON neighbour_entries (version_id);
    CREATE TABLE neighbour_members (
      document_id INTEGER PRIMARY KEY,
      version_id INTEGER NOT NULL,
      entry_id INTEGER NOT NULL
    );
    CREATE INDEX neighbour_members_by_entry ON neighbour_members (entry_id);
    CREATE INDEX neighbour_members_by_version ON neighbour_members (version_id);
    CREATE TABLE neighbour_pending (document_id INTEGER PRIMARY KEY, version_id INTEGER NOT NULL);
    CREATE INDEX neighbour_pending_by_version ON neighbour_pending (version_id);

    CREATE TRIGGER neighbours_of_new_vector AFTER INSERT ON document_vectors BEGIN
      DELETE FROM neighbour_members WHERE document_id = NEW.document_id;
      DELETE FROM neighbour_pending WHERE document_id = NEW.document_id;
      INSERT INTO neighbour_pending (document_id, version_id)
        SELECT NEW.document_id, version_id FROM neighbour_indexes WHERE version_id = NEW.version_id;
    END;
    CREATE TRIGGER neighbours_of_changed_vector AFTER UPDATE ON document_vectors BEGIN
      DELETE FROM neighbour_members WHERE document_id IN (OLD.document_id, NEW.document_id);
      DELETE FROM neighbour_pending WHERE document_id IN (OLD.document_id, NEW.document_id);
      INSERT INTO neighbour_pending (document_id, version_id)
        SELECT NEW.document_id, version_id FROM neighbour_indexes WHERE version_id = NEW.version_id;
    END;
    CREATE TRIGGER neighbours_of_dropped_vector AFTER DELETE ON document_vectors BEGIN
      DELETE FROM neighbour_members WHERE document_id = OLD.document_id;
      DELETE FROM neighbour_pending WHERE document_id = OLD.document_id;
    END;`;
}

/** ?1 the version, ?2 the bytes of a vector. Vectors that float32 arithmetic cannot be trusted with stay outside. */
export const ADD_ENTRIES = `
  INSERT INTO neighbour_entries (id, version_id, embedding)
  SELECT min(document_id), version_id, embedding
  FROM document_vectors
  WHERE version_id = ?1 AND unscaled = 0 AND length(embedding) = ?2
    AND vector_distance_l2(embedding, embedding) = 0
  GROUP BY embedding`;

/** Which chunk has the vector of which entry, by the same grouping. ?1 the version, ?2 the bytes of a vector. */
export const ADD_MEMBERS = `
  INSERT INTO neighbour_members (document_id, version_id, entry_id)
  SELECT document_id, version_id, min(document_id) OVER (PARTITION BY embedding)
  FROM document_vectors
  WHERE version_id = ?1 AND unscaled = 0 AND length(embedding) = ?2
    AND vector_distance_l2(embedding, embedding) = 0`;

export const ADD_PENDING = `
  INSERT INTO neighbour_pending (document_id, version_id)
  SELECT document_id, version_id
  FROM document_vectors
  WHERE version_id = ?1 AND length(embedding) = ?2
    AND document_id NOT IN (SELECT document_id FROM neighbour_members WHERE version_id = ?1)`;

export const PUT_INDEX = `
  INSERT INTO neighbour_indexes (version_id, metric, entries)
  VALUES (?1, ?2, (SELECT count(*) FROM neighbour_entries WHERE version_id = ?1))`;

export const READ_INDEX = `
  SELECT
    ${integer('entries')},
    (SELECT count(*) FROM neighbour_pending WHERE version_id = ?1) AS pending
  FROM neighbour_indexes
  WHERE version_id = ?1`;

export const FORGET = [
  'DELETE FROM neighbour_entries WHERE version_id = ?1',
  'DELETE FROM neighbour_members WHERE version_id = ?1',
  'DELETE FROM neighbour_pending WHERE version_id = ?1',
  'DELETE FROM neighbour_indexes WHERE version_id = ?1',
] as const;

/** Versions with an index. */
export const BUILT_INDEXES = `
  SELECT version_id FROM neighbour_indexes WHERE version_id IN (SELECT id FROM versions)`;

/** Indexes of versions that are gone. */
export const ABANDONED = `
  SELECT version_id FROM neighbour_indexes WHERE version_id NOT IN (SELECT id FROM versions)`;

export function indexName(versionId: VersionId): string {
  return `neighbours_of_version_${versionId}`;
}

/** Codes of 8 bits in the lists of neighbors: of the measured settings, the one with 0.98 recall at a fifth of the room. */
export function createIndex(versionId: VersionId, metric: Metric): string {
  return `
    CREATE INDEX ${indexName(versionId)} ON neighbour_entries (
      libsql_vector_idx(embedding, 'metric=${metric}', 'compress_neighbors=float8', 'max_neighbors=32')
    ) WHERE version_id = ${versionId}`;
}

/** ?1 the name of the index, ?2 the query, ?3 how many entries, ?4 the version. */
export const NEAREST = `
  SELECT document_vectors.document_id AS id, ${bytes('document_vectors.embedding')}
  FROM vector_top_k(?1, ?2, CAST(?3 AS INTEGER)) AS near
  CROSS JOIN neighbour_members ON neighbour_members.entry_id = near.id
  CROSS JOIN document_vectors ON document_vectors.document_id = neighbour_members.document_id
  WHERE document_vectors.version_id = ?4`;

export const PENDING = `
  SELECT document_vectors.document_id AS id, ${bytes('document_vectors.embedding')}
  FROM neighbour_pending
  CROSS JOIN document_vectors ON document_vectors.document_id = neighbour_pending.document_id
  WHERE neighbour_pending.version_id = ?1`;

/** Vectors of a version that neither the index nor the list knows, and members whose vector is not that of the entry. */
export const MISSING = `
  SELECT document_id AS id FROM document_vectors
  WHERE version_id = ?1 AND length(embedding) = ?2
    AND document_id NOT IN (SELECT document_id FROM neighbour_members)
    AND document_id NOT IN (SELECT document_id FROM neighbour_pending)`;

export const WRONG = `
  SELECT neighbour_members.document_id AS id
  FROM neighbour_members
  LEFT JOIN document_vectors ON document_vectors.document_id = neighbour_members.document_id
  LEFT JOIN neighbour_entries ON neighbour_entries.id = neighbour_members.entry_id
  WHERE neighbour_members.version_id = ?1
    AND (document_vectors.embedding IS NULL OR neighbour_entries.embedding IS NULL
      OR document_vectors.embedding <> neighbour_entries.embedding)`;

/** Entries after ?2 of the version ?1: each must find itself. */
export const ENTRIES_AFTER = `
  SELECT id, ${bytes('embedding')} FROM neighbour_entries WHERE version_id = ?1 AND id > ?2 ORDER BY id LIMIT 500`;

/** ?1 the name of the index, ?2 the vector of the entry ?3. */
export const FINDS_ITSELF = `
  SELECT count(*) AS n FROM vector_top_k(?1, ?2, 10) AS near WHERE near.id = ?3`;
