import pg from 'pg';

/** A PostgreSQL database. Both drivers speak its protocol, so both are a pool of `pg`. */
export interface Database {
  /** True if the database runs in this process: it has one connection, and a statement cannot be interrupted. */
  readonly isEmbedded: boolean;
  /**
   * Returns the pool, which is created when it is first needed.
   *
   * @param create Creates an embedded database that does not exist; without it, such a one has no pool.
   */
  pool(create: boolean): Promise<pg.Pool | null>;
  /** Closes the pool. The database can be used again afterwards. */
  close(): Promise<void>;
}

const INT8 = 20;

/** Reads `bigint` as a number: ids and counts are at most 2^53 − 1, and `pg` would return strings. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === INT8 ? Number : pg.types.getTypeParser(oid, format as 'text'),
};

/** Creates a pool. */
export function createPool(config: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool({ ...config, types });
  const ignore = () => undefined; // the call that uses the connection receives the error, too
  // Without listeners, a lost connection that no statement waits for would end the process.
  pool.on('error', ignore);
  pool.on('connect', (client) => client.on('error', ignore));
  return pool;
}
