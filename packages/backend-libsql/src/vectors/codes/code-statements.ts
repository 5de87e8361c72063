import { bytes, integer } from '@switchyard/sqlite-common';

export const INSERT_ENTRY = `
  INSERT INTO vector_codes (version_id, first_generation, last_generation, vectors, removed, codes)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6)`;

/** Entries that end after a generation, in the order in which they are applied. Reads no blob. */
export const ENTRIES_AFTER = `
  SELECT id, ifnull(length(codes), 0) AS bytes
  FROM vector_codes
  WHERE version_id = ?1 AND last_generation > ?2
  ORDER BY last_generation, id`;

/** Sizes of entries, in the order in which they are applied. Reads no blob. */
export const ENTRY_SIZES = `
  SELECT
    id,
    ${integer('first_generation', 'first')},
    ${integer('last_generation', 'last')},
    ${integer('vectors')},
    ifnull(length(removed), 0) / 8 AS removed,
    ifnull(length(codes), 0) AS bytes
  FROM vector_codes
  WHERE version_id = ?1
  ORDER BY last_generation, id`;

/** Entries by id. ?1 a JSON array of ids. */
export const ENTRIES = `
  SELECT
    id,
    ${integer('first_generation', 'first')},
    ${integer('last_generation', 'last')},
    ${bytes('removed')},
    ${bytes('codes')}
  FROM vector_codes
  WHERE id IN (SELECT value FROM json_each(?1))`;

/** ?1 a JSON array of ids. */
export const DELETE_ENTRIES = `
  DELETE FROM vector_codes WHERE id IN (SELECT value FROM json_each(?1))`;

export const DELETE_LOG = `
  DELETE FROM vector_codes WHERE version_id = ?1`;

/** Vectors of a version after ?2, by chunk id. ?3 the bytes of a vector, ?4 the limit. */
export const VECTORS_AFTER = `
  SELECT document_id AS id, ${bytes('embedding')}
  FROM document_vectors
  WHERE version_id = ?1 AND document_id > ?2 AND length(embedding) = ?3
  ORDER BY document_id
  LIMIT ?4`;

export const COUNT_VECTORS = `
  SELECT count(*) AS n FROM document_vectors WHERE version_id = ?1`;

export const VERSIONS = `
  SELECT CAST(version_id AS INTEGER) AS id FROM document_vectors
  UNION
  SELECT version_id FROM vector_generations`;
