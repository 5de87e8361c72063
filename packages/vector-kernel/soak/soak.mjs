// Random cases against brute force in float64, for any length of time:
//   npm run soak --workspace @switchyard/vector-kernel -- --cases 1000000 [--seed 1]
// A case is one query of one k against one table: the candidates must contain the true k nearest (ties by id),
// the rescored answer must equal them id for id, every lower bound must hold, and both implementations must
// give the same bits. The process exits with status 1 at the first wrong case.

import { CodeTable, createKernel, METRICS, rescore } from '@switchyard/vector-kernel';
import { bruteForce, makeRandom, makeVectors, plainDistance } from '../test/support/cases.mjs';

function option(name, fallback) {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
}

const wanted = option('cases', 100_000);
const seed = option('seed', 1);
const random = makeRandom(seed);
const wasm = createKernel({ implementation: 'wasm' });
const typescript = createKernel({ implementation: 'typescript' });
const QUERIES = 24;

let cases = 0;
let candidates = 0;
let wanting = 0;
const started = performance.now();
let reported = started;

function pickDimension() {
  const kind = random();
  if (kind < 0.5) return 1 + Math.floor(random() * 8);
  if (kind < 0.9) return 1 + Math.floor(random() * 40);
  if (kind < 0.99) return 1 + Math.floor(random() * 200);
  return 1 + Math.floor(random() * 1600);
}

function same(a, b) {
  return a.length === b.length && a.every((value, i) => Object.is(value, b[i]));
}

function fail(what, details) {
  console.error(`WRONG: ${what}`, { seed, case: cases, ...details });
  process.exit(1);
}

while (cases < wanted) {
  // A table is reused several times: creating a WebAssembly memory for each case is too expensive.
  const dimension = pickDimension();
  const metric = METRICS[Math.floor(random() * METRICS.length)];
  const fast = new CodeTable({ dimension, metric, kernel: wasm });
  const plain = new CodeTable({ dimension, metric, kernel: typescript });
  const rounds = dimension > 200 ? 2 : 20;
  for (let round = 0; round < rounds && cases < wanted; round++) {
    // Occasionally enough rows for several steps and segments.
    const size = random();
    const count = 1 + Math.floor(random() * (size < 0.96 || dimension > 200 ? 60 : size < 0.99 ? 800 : 2400));
    const { rows, queries } = makeVectors(random, count, QUERIES, dimension);
    const ids = Float64Array.from({ length: count }, (_, i) => i + 1);
    for (let i = count - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1));
      [ids[i], ids[j]] = [ids[j], ids[i]];
    }
    for (const table of [fast, plain]) {
      table.clear();
      table.append(ids, rows);
    }
    const vectorOf = new Map(
      Array.from(ids, (id, i) => [id, rows.subarray(i * dimension, (i + 1) * dimension)]),
    );
    for (let q = 0; q < QUERIES; q++) {
      const query = queries.subarray(q * dimension, (q + 1) * dimension);
      const k = random() < 0.1 ? Math.floor(random() * (count + 3)) : 1 + Math.floor(random() * 12);
      const all = bruteForce(metric, query, rows, ids);
      const truth = all.slice(0, k);
      const found = fast.scan(query, k);
      const details = { metric, dimension, count, k };
      const distanceOf = new Map(all.map(({ id, distance }) => [id, distance]));
      found.ids.forEach((id, i) => {
        if (!(found.lowerBounds[i] <= distanceOf.get(id)))
          fail('a lower bound does not hold', { ...details, id });
      });
      if (truth.length > 0 && !(found.upperBound >= truth.at(-1).distance))
        fail('the upper bound does not hold', details);
      const held = new Set(found.ids);
      for (const { id } of truth) if (!held.has(id)) fail('a true neighbor is missing', { ...details, id });
      for (const { id } of bruteForce(metric, query, rows, ids, plainDistance).slice(0, k)) {
        if (!held.has(id)) fail('a neighbor by another order of summation is missing', { ...details, id });
      }
      const answer = rescore(
        metric,
        query,
        k,
        found.ids,
        Array.from(found.ids, (id) => ({ id, vector: vectorOf.get(id) })),
      );
      if (
        !same(
          answer.map(({ id }) => id),
          truth.map(({ id }) => id),
        )
      )
        fail('the answer differs', details);
      if (
        !same(
          answer.map(({ distance }) => distance),
          truth.map(({ distance }) => distance),
        )
      )
        fail('a distance differs', details);
      const again = plain.scan(query, k);
      if (
        !same(found.ids, again.ids) ||
        !same(found.lowerBounds, again.lowerBounds) ||
        !Object.is(found.upperBound, again.upperBound) ||
        found.examined !== again.examined
      ) {
        fail('wasm and typescript differ', details);
      }
      cases++;
      candidates += found.ids.length;
      wanting += truth.length;
    }
  }
  const now = performance.now();
  if (now - reported > 20_000) {
    reported = now;
    console.log(`${cases} cases, 0 wrong, ${((now - started) / 1000).toFixed(0)} s`);
  }
}
console.log(
  `${cases} cases (seed ${seed}), 0 wrong; ${(candidates / wanting).toFixed(2)} candidates per neighbor wanted; ` +
    `${((performance.now() - started) / 1000).toFixed(0)} s`,
);
