import { legacyDimension, type SqliteDriver, text } from '@switchyard/sqlite-common';
import type { EmbeddingProfile } from '@switchyard/storage-core';
import { readVectorTable } from '../vectors/index-table.js';

const HAS_METADATA = `
  SELECT 1 AS found FROM legacy.sqlite_master WHERE type = 'table' AND name = 'metadata'`;

const METADATA = `
  SELECT ${text('metadata.key')}, ${text('metadata.value')}
  FROM legacy.metadata
  WHERE metadata.key IN ('embedding_model', 'embedding_dimension')`;

/** The most frequent dimension, for a store without a vector index. */
const USUAL_DIMENSION = `
  SELECT json_array_length(embedding) AS dimension
  FROM legacy.documents
  WHERE typeof(embedding) = 'text' AND json_valid(embedding) AND json_type(embedding) = 'array'
  GROUP BY dimension
  HAVING dimension > 0
  ORDER BY count(*) DESC, dimension
  LIMIT 1`;

const EMBEDDING_OF = `
  SELECT 1 AS found
  FROM legacy.documents
  WHERE typeof(embedding) = 'text' AND json_valid(embedding) AND json_type(embedding) = 'array'
    AND json_array_length(embedding) = ?1
  LIMIT 1`;

/**
 * Returns the embedding profile of a legacy store; null if it has no vectors and records none. For the dimension, see
 * `legacyDimension`; without evidence, it is that of most embeddings. Stores older than level 013 do not record their
 * model. vec0 without a metric measures by L2.
 */
export function readLegacyProfile(driver: SqliteDriver): EmbeddingProfile | null {
  const table = readVectorTable(driver);
  const recorded = readMetadata(driver);
  const model = recorded.get('embedding_model') ?? null;
  const recordedDimension = toDimension(recorded.get('embedding_dimension'));
  const dimension =
    legacyDimension({
      recorded: recordedDimension,
      index: table.dimension,
      indexIsEmpty: table.empty,
      hasEmbeddingOf: (length) => driver.first(EMBEDDING_OF, [length]) !== undefined,
    }) ??
    usualDimension(driver) ??
    (model === null ? null : table.dimension);
  return dimension === null ? null : { model, dimension, metric: 'l2' };
}

function readMetadata(driver: SqliteDriver): ReadonlyMap<string, string> {
  if (driver.first(HAS_METADATA) === undefined) return new Map();
  return new Map(
    driver.all<{ key: string; value: unknown }>(METADATA).map(({ key, value }) => [key, String(value)]),
  );
}

function usualDimension(driver: SqliteDriver): number | null {
  return driver.first<{ dimension: number }>(USUAL_DIMENSION)?.dimension ?? null;
}

function toDimension(text: string | undefined): number | null {
  const dimension = Number(text);
  return Number.isSafeInteger(dimension) && dimension > 0 ? dimension : null;
}
