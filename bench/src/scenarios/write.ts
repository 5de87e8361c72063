import {
  addVersion,
  closeHybridStores,
  createHybridFiles,
  openHybridStores,
} from '../contenders/hybrid-stores.js';
import type { Measurement } from '../harness/measurement.js';
import { makeDocumentation } from './documentation.js';
import { measurePageWrites } from './page-writes.js';
import { type Bench, type Scenario, standards } from './scenario.js';
import { measureSizes } from './sizes.js';

/** Chunks that are there before anything is measured. */
const CHUNKS = 3_000;

/** Pages with text, full text and vectors, one a transaction; at 768 and 1,536 components unless one is asked for. */
export const write: Scenario = {
  name: 'write',
  description: 'pages with text, full text and vectors, one a transaction, at 768 and 1,536 components',
  inDefaultRun: true,
  minutes: 1,
  run: async (bench) => (await measureFilling(bench)).writes,
};

/** Bytes a chunk and what takes them, at 768 and 1,536 components unless one is asked for. */
export const size: Scenario = {
  name: 'size',
  description: 'bytes a chunk and what takes them, at 768 and 1,536 components',
  inDefaultRun: true,
  minutes: 1,
  run: async (bench) => (await measureFilling(bench)).sizes,
};

async function measureFilling(bench: Bench): Promise<{ writes: Measurement[]; sizes: Measurement[] }> {
  const writes: Measurement[] = [];
  const sizes: Measurement[] = [];
  for (const dim of bench.arguments.dim === null ? [768, 1536] : [bench.arguments.dim]) {
    const { n } = standards(bench.arguments, { n: CHUNKS });
    const documentation = await makeDocumentation(bench, { n, dim });
    const files = await createHybridFiles(bench.workspace, dim);
    const stores = await openHybridStores(files);
    try {
      await addVersion(stores, documentation, 1, bench.progress);
      writes.push(...(await measurePageWrites(bench, stores, documentation, { n, dim, versions: 1 })));
    } finally {
      await closeHybridStores(stores);
    }
    sizes.push(...measureSizes(files, { dim, versions: 1 }));
  }
  return { writes, sizes };
}
