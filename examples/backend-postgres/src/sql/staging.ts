export const STAGED_COUNTS = `
  SELECT
    (SELECT count(*) FROM store.chunk) AS total,
    count(*) AS staged,
    count(*) - count(embedding) AS "givenUp"
  FROM store.staged`;

/** Chunks with an id above $1 that are not finished, at most $2. */
export const UNSTAGED = `
  SELECT chunk.id AS "chunkId", chunk.content, chunk.metadata, page.url, page.title
  FROM store.chunk
  JOIN store.page ON page.id = chunk.page_id
  WHERE chunk.id > $1 AND NOT EXISTS (SELECT FROM store.staged WHERE staged.chunk_id = chunk.id)
  ORDER BY chunk.id
  LIMIT $2`;

/** Stages vectors of the chunks that still exist, from a list for each column. */
export const STAGE = `
  INSERT INTO store.staged (chunk_id, embedding, extreme)
  SELECT id, vector::real[], too_extreme
  FROM unnest($1::bigint[], $2::text[], $3::boolean[]) AS given (id, vector, too_extreme)
  WHERE EXISTS (SELECT FROM store.chunk WHERE chunk.id = given.id)
  ON CONFLICT (chunk_id) DO UPDATE SET embedding = excluded.embedding, extreme = excluded.extreme`;

export const USE_STAGED = `
  UPDATE store.chunk
  SET embedding = staged.embedding, extreme = staged.extreme
  FROM store.staged
  WHERE staged.chunk_id = chunk.id`;

export const DISCARD_STAGED = 'DELETE FROM store.staged';
