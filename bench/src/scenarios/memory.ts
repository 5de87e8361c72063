import { fillVectorFile, vectorFileNames } from '../contenders/vector-files.js';
import { compare, type Measurement, type Observation } from '../harness/measurement.js';
import { REFERENCES } from '../harness/references.js';
import { embeddingsFor } from './embeddings-for.js';
import type { MemoryReport } from './memory-child.js';
import { memoryOf, writeQueries } from './memory-process.js';
import { type Bench, type Scenario, standards, takesPart } from './scenario.js';

const RUNS = 3;

/** Growth of a process that opens a store and searches it. */
export const memory: Scenario = {
  name: 'memory',
  description: 'memory growth of a separate process that opens a store and searches it twenty times',
  inDefaultRun: true,
  minutes: 1,
  run: (bench) => measureMemory(bench),
};

async function measureMemory(bench: Bench): Promise<Measurement[]> {
  const { progress, workspace } = bench;
  const { n, dim, limits, queries } = standards(bench.arguments, { limits: [10], queries: 20 });
  const [k = 10] = limits;
  const { set, questions } = await embeddingsFor(bench, { n, dim });
  const queryFile = writeQueries(questions.slice(0, queries), workspace);
  const observations: Observation[] = [];
  for (const name of vectorFileNames) {
    if (!takesPart(bench.arguments, name)) continue;
    const place = await fillVectorFile(name, set, { workspace, progress });
    const reports: MemoryReport[] = [];
    for (let run = 0; run < RUNS; run++) reports.push(await memoryOf({ name, place, queryFile, dim, k }));
    const mapped = Math.max(...reports.map((report) => report.mappedMb));
    const note = `and ${mapped.toFixed(0)} MB of mapped files, which the system can reclaim`;
    observations.push({
      contender: name,
      samples: reports.map((report) => report.ownMb),
      recall: null,
      extra: { note },
    });
  }
  return compare({ scenario: 'memory', n, dim, k, unit: 'MB' }, REFERENCES.vectors, observations);
}
