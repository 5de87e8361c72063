import {
  addVersion,
  closeHybridStores,
  createHybridFiles,
  openHybridStores,
} from '../contenders/hybrid-stores.js';
import type { Measurement } from '../harness/measurement.js';
import { makeDocumentation } from './documentation.js';
import { measureHybridSearches } from './hybrid-search.js';
import { type Bench, type Scenario, standards } from './scenario.js';

const CHUNKS = 5_000;
const VERSIONS = [1, 3, 10];

/** Cost of other versions in the store for a search in one. */
export const manyVersions: Scenario = {
  name: 'many-versions',
  description: 'hybrid search in one version, with 0, 2 and 9 others of its size in the store',
  inDefaultRun: true,
  minutes: 3,
  run: (bench) => measureManyVersions(bench),
};

async function measureManyVersions(bench: Bench): Promise<Measurement[]> {
  const { n, dim, limits, queries } = standards(bench.arguments, { n: CHUNKS, limits: [10], queries: 30 });
  const most = bench.arguments.versions ?? Math.max(...VERSIONS);
  const documentation = await makeDocumentation(bench, { n, dim });
  const stores = await openHybridStores(await createHybridFiles(bench.workspace, dim));
  const measurements: Measurement[] = [];
  try {
    for (let versions = 1; versions <= most; versions++) {
      await addVersion(stores, documentation, versions, bench.progress);
      if (!VERSIONS.includes(versions) && versions !== most) continue;
      const plan = { scenario: 'many-versions', n, dim, limits, queries, versions };
      measurements.push(...(await measureHybridSearches(bench, stores, documentation.questions, plan)));
    }
  } finally {
    await closeHybridStores(stores);
  }
  return measurements;
}
