/** Reads of several statements see one state of the store, and never fail because of a writer. */
export const BEGIN_SNAPSHOT = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';

/**
 * Begins a write. Each statement sees what others have committed before it; the lock on the state makes writers wait for
 * each other. A timeout of 0 would be none.
 */
export const BEGIN_WRITE = (busyTimeoutMs: number) => `
  BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
  SET LOCAL lock_timeout = ${Math.max(1, busyTimeoutMs)}`;

export const STORE_EXISTS = 'SELECT to_regclass($1) IS NOT NULL AS exists';

export const STORE_LEVEL = 'SELECT level FROM store.state';

export const STATE = `
  SELECT vector_type AS "vectorType", last_id AS "lastId", chunks, tokens, profile, staging, rollout
  FROM store.state`;

export const LOCK_STATE = `${STATE} FOR UPDATE`;

export const SAVE_STATE = `
  UPDATE store.state
  SET last_id = $1, chunks = $2, tokens = $3, profile = $4, staging = $5, rollout = $6`;
