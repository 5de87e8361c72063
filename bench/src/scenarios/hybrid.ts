import {
  addVersion,
  closeHybridStores,
  createHybridFiles,
  openHybridStores,
} from '../contenders/hybrid-stores.js';
import type { Measurement } from '../harness/measurement.js';
import { makeDocumentation } from './documentation.js';
import { measureHybridSearches } from './hybrid-search.js';
import { measurePageWrites } from './page-writes.js';
import { type Bench, type Scenario, standards } from './scenario.js';
import { measureSizes } from './sizes.js';

/** Both backends and today's SQL with the same documentation: searches, page writes, bytes per chunk. */
export const hybrid: Scenario = {
  name: 'hybrid',
  description: 'whole hybrid search on real text, page writes, bytes per chunk: libsql, legacy, today’s SQL',
  inDefaultRun: true,
  minutes: 2,
  run: (bench) => measureHybrid(bench),
};

async function measureHybrid(bench: Bench): Promise<Measurement[]> {
  const { n, dim, limits, queries, versions } = standards(bench.arguments, { limits: [5, 10], queries: 40 });
  const documentation = await makeDocumentation(bench, { n, dim });
  const files = await createHybridFiles(bench.workspace, dim);
  const stores = await openHybridStores(files);
  const measurements: Measurement[] = [];
  try {
    for (let version = 1; version <= versions; version++) {
      await addVersion(stores, documentation, version, bench.progress);
    }
    const plan = { scenario: 'hybrid', n, dim, limits, queries, versions };
    measurements.push(...(await measureHybridSearches(bench, stores, documentation.questions, plan)));
    measurements.push(...(await measurePageWrites(bench, stores, documentation, { n, dim, versions })));
  } finally {
    await closeHybridStores(stores);
  }
  return measurements.concat(measureSizes(files, { dim, versions }));
}
