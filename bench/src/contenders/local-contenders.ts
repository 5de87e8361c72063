import { sqliteVec } from './legacy/sqlite-vec-table.js'; // @legacy
import { ourVectors } from './our-vectors.js';
import { libsqlScan } from './plain-vectors.js';
import type { VectorContender } from './vector-contender.js';

/** Contenders in a file that need nothing installed: our backends and plain SQL. */
export const localContenders: readonly VectorContender[] = [
  sqliteVec, // @legacy
  ...ourVectors,
  libsqlScan,
];
