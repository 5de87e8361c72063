import {
  addVersion,
  closeHybridStores,
  createHybridFiles,
  type HybridStores,
  openHybridStores,
} from '../contenders/hybrid-stores.js';
import type { Measurement } from '../harness/measurement.js';
import { makeDocumentation } from './documentation.js';
import { measurePageGroups, measurePageWrites } from './page-writes.js';
import { type Bench, type Scenario, standards } from './scenario.js';
import { measureSizes } from './sizes.js';

/** Chunks in the store before the measurement. */
const CHUNKS = 3_000;

/**
 * Pages with text, full text and vectors, one and eight per transaction; at 768 and 1,536 components unless specified.
 */
export const write: Scenario = {
  name: 'write',
  description:
    'pages with text, full text and vectors, one and eight per transaction, at 768 and 1,536 components',
  inDefaultRun: true,
  minutes: 1,
  run: async (bench) => {
    const { writes } = await measureFilling(bench, async (stores, documentation, size) =>
      measurePageGroups(bench, stores, documentation, size),
    );
    return writes;
  },
};

/** Bytes per chunk by component, at 768 and 1,536 components unless specified. */
export const size: Scenario = {
  name: 'size',
  description: 'bytes per chunk by component, at 768 and 1,536 components',
  inDefaultRun: true,
  minutes: 1,
  run: async (bench) => (await measureFilling(bench)).sizes,
};

/** @param afterwards Further measurements, after the bytes were counted. */
async function measureFilling(
  bench: Bench,
  afterwards?: (
    stores: HybridStores,
    documentation: Awaited<ReturnType<typeof makeDocumentation>>,
    size: { n: number; dim: number; versions: number },
  ) => Promise<Measurement[]>,
): Promise<{ writes: Measurement[]; sizes: Measurement[] }> {
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
    if (afterwards === undefined) continue;
    const opened = await openHybridStores(files);
    try {
      writes.push(...(await afterwards(opened, documentation, { n, dim, versions: 1 })));
    } finally {
      await closeHybridStores(opened);
    }
  }
  return { writes, sizes };
}
