import type { VectorContender } from '../contenders/vector-contender.js';
import type { Progress } from '../harness/progress.js';
import { duckdb } from './duckdb.js';
import { hnswlib } from './hnswlib.js';
import { lancedb } from './lancedb.js';
import { isInstalled, versionOf } from './load.js';
import { mastra } from './mastra.js';
import { orama } from './orama.js';
import { pglite } from './pglite.js';
import { usearch } from './usearch.js';

const peers: readonly VectorContender[] = [
  ...usearch,
  ...hnswlib,
  ...lancedb,
  duckdb,
  ...pglite,
  orama,
  mastra,
];

/** Returns the installed peers, with their versions in their parameters, and reports missing ones. */
export function findPeers(progress: Progress): VectorContender[] {
  const missing = [...new Set(peers.map(({ name }) => name))].filter((name) => !isInstalled(name));
  if (missing.length > 0) {
    progress.say(`Not installed: ${missing.join(', ')}. To measure them too: npm run bench:peers-install`);
  }
  return peers
    .filter(({ name }) => !missing.includes(name))
    .map((peer) => ({ ...peer, parameters: `${versionOf(peer.name)}: ${peer.parameters}` }));
}
