import { writeFileSync } from 'node:fs';
import { localContenders } from '../contenders/local-contenders.js';
import { drawChart } from '../harness/chart.js';
import type { Measurement } from '../harness/measurement.js';
import { type Bench, type Scenario, standards } from './scenario.js';
import { measureVectors } from './vectors.js';

const SIZES = [1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000];

/** Growth of the vector search with the size of the version. */
export const scaling: Scenario = {
  name: 'scaling',
  description:
    'vector search from 1,000 chunks to --n (default 100,000, at most 500,000); --svg FILE draws it',
  inDefaultRun: false,
  minutes: 6,
  run: (bench) => measureScaling(bench),
};

async function measureScaling(bench: Bench): Promise<Measurement[]> {
  const { n, dim, limits, queries } = standards(bench.arguments, { n: 100_000, limits: [10], queries: 30 });
  const measurements: Measurement[] = [];
  for (const size of SIZES.filter((candidate) => candidate <= n)) {
    const plan = { n: size, dim, ks: limits, queries };
    measurements.push(...(await measureVectors(bench, 'scaling', localContenders, plan)));
  }
  const { svg } = bench.arguments;
  if (svg !== null) writeFileSync(svg, draw(measurements, limits[0] ?? 10));
  return measurements;
}

function draw(measurements: readonly Measurement[], k: number): string {
  const shown = measurements.filter((row) => row.k === k);
  const names = [...new Set(shown.map((row) => row.contender))];
  const curves = names.map((name) => ({
    name,
    points: shown.filter((row) => row.contender === name).map(({ n, p50 }) => ({ x: n, y: p50 })),
  }));
  return drawChart(curves, {
    title: `The ${k} nearest vectors of one version, ${shown[0]?.dim ?? 0} components, exact`,
    x: 'chunks in the version',
    y: 'milliseconds (median)',
  });
}
