// Duration of a quantized scan, compared with the speed at which WebAssembly can read memory:
//   npm run bench --workspace @switchyard/vector-kernel [-- --rows 20000,200000 --dimension 768]
// Medians of interleaved runs in one process. The vectors are SYNTHETIC: cluster centers in a subspace with a
// decaying spectrum, noise around them and a common offset, normalized. Their distances are distributed like those of
// sentence vectors, but only real ones show how many candidates a real query has.
import { CodeTable, createKernel, nearestSync } from '@switchyard/vector-kernel';
import { makeRandom } from '../test/support/cases.mjs';
import { createStreamReader } from './stream.mjs';

function option(name, fallback) {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1];
}
const sizes = option('rows', '20000,200000').split(',').map(Number);
const dimension = Number(option('dimension', '768'));
const QUERIES = 40;
const random = makeRandom(7);

/** Sum of three uniform numbers: close enough to Gaussian, and fast. */
const noise = () => (random() + random() + random() - 1.5) * 2;

function makeGenerator() {
  const rank = Math.min(64, dimension);
  const basis = Array.from({ length: rank }, () => Float32Array.from({ length: dimension }, noise));
  const offset = Float32Array.from({ length: dimension }, () => 1.5 * noise());
  const centers = Array.from({ length: 2000 }, () =>
    Float32Array.from({ length: rank }, (_, i) => noise() / Math.sqrt(1 + i / 4)),
  );
  return (target) => {
    const center = centers[Math.floor(random() * centers.length)];
    for (let j = 0; j < dimension; j++) target[j] = offset[j] + 1.2 * noise();
    for (let i = 0; i < rank; i++) {
      const weight = center[i] + (0.5 * noise()) / Math.sqrt(1 + i / 4);
      const direction = basis[i];
      for (let j = 0; j < dimension; j++) target[j] += weight * direction[j];
    }
    const norm = Math.sqrt(target.reduce((sum, x) => sum + x * x, 0));
    for (let j = 0; j < dimension; j++) target[j] /= norm;
  };
}

function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

function timed(times, work) {
  const start = performance.now();
  const result = work();
  times.push(performance.now() - start);
  return result;
}

const generate = makeGenerator();
const queries = Array.from({ length: QUERIES }, () => {
  const query = new Float32Array(dimension);
  generate(query);
  return query;
});
const kernel = createKernel();
console.log(`${kernel.implementation}, dimension ${dimension}, ${QUERIES} queries, synthetic vectors`);

for (const rows of sizes) {
  const vectors = new Float32Array(rows * dimension);
  for (let i = 0; i < rows; i++) generate(vectors.subarray(i * dimension, (i + 1) * dimension));
  const ids = Float64Array.from({ length: rows }, (_, i) => i + 1);
  const table = new CodeTable({ dimension, metric: 'cosine', kernel, capacity: rows });
  const build = [];
  timed(build, () => table.append(ids, vectors));
  const blocks = table.serialize();
  const load = [];
  timed(load, () => CodeTable.load(blocks, { dimension, metric: 'cosine', kernel, capacity: rows }));
  const read = createStreamReader(rows * dimension);
  const fetchVectors = (wanted) =>
    Array.from(wanted, (id) => ({ id, vector: vectors.subarray((id - 1) * dimension, id * dimension) }));

  const times = { stream: [], 10: [], 100: [], nearest: [] };
  const counts = { 10: [], 100: [] };
  for (let round = 0; round < 3; round++) {
    for (const query of queries) {
      timed(times.stream, read);
      for (const k of [10, 100]) counts[k].push(timed(times[k], () => table.scan(query, k)).ids.length);
      timed(times.nearest, () => nearestSync(table, query, 10, fetchVectors));
    }
  }
  const stream = median(times.stream);
  const bytes = rows * dimension;
  console.log(
    `\n${rows} rows (${(table.byteLength / 1e6).toFixed(1)} MB held, ${(table.byteLength / rows).toFixed(0)} bytes a row)`,
  );
  console.log(
    `  plain streaming read of the codes  ${stream.toFixed(3)} ms  ${(bytes / stream / 1e6).toFixed(1)} GB/s`,
  );
  for (const k of [10, 100]) {
    const time = median(times[k]);
    const sorted = counts[k].toSorted((a, b) => a - b);
    console.log(
      `  scan, k = ${String(k).padEnd(3)}                      ${time.toFixed(3)} ms  ${(bytes / time / 1e6).toFixed(1)} GB/s, ` +
        `${((100 * stream) / time).toFixed(0)} % of streaming; candidates median ${sorted[sorted.length >> 1]}, p95 ${sorted[Math.floor(sorted.length * 0.95)]}`,
    );
  }
  console.log(`  scan and rescore in memory, k = 10 ${median(times.nearest).toFixed(3)} ms`);
  console.log(`  quantize and append                ${((rows / build[0]) * 1000).toFixed(0)} rows/s`);
  console.log(`  load ${blocks.length} stored blocks             ${load[0].toFixed(0)} ms`);
}
