// Vectors that are hard on an error bound, and the truth about them. Shared by the tests and the soak.
import { distance } from '@switchyard/vector-kernel';

/** A small fast random generator (mulberry32), so that a seed repeats a run. */
export function makeRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function gauss(random) {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

const BIGGEST = 3.4028234663852886e38;
const SMALLEST = 2 ** -149;

/** Each fills one vector; `base` is one the set has in common. */
const GENERATORS = {
  gaussian: (random, v) => v.map(() => gauss(random)),
  // Several vectors within a hair of each other: their codes are the same, only the residuals differ.
  nearTwins: (random, _v, base) => base.map((x) => x * (1 + (random() - 0.5) * 2 ** -(2 + random() * 22))),
  twins: (_random, _v, base) => base.slice(),
  negatedTwins: (_random, _v, base) => base.map((x) => -x),
  scaledTwins: (random, _v, base) => {
    const factor = 2 ** Math.floor(random() * 20 - 10);
    return base.map((x) => x * factor);
  },
  offset: (random, v, base) => v.map((_, j) => 100 * base[j] + 0.01 * gauss(random)),
  oneHot: (random, v) => {
    const out = v.fill(0);
    out[Math.floor(random() * v.length)] = random() < 0.5 ? 1 : -1;
    return out;
  },
  fewInts: (random, v) => v.map(() => Math.floor(random() * 3) - 1),
  halves: (random, v) => v.map(() => Math.floor(random() * 255 - 127) + 0.5),
  zero: (_random, v) => v.fill(0),
  constant: (random, v) => v.fill(Math.fround(gauss(random))),
  huge: (random, v) => v.map(() => BIGGEST * (random() * 2 - 1)),
  hugest: (random, v) => v.map(() => (random() < 0.5 ? BIGGEST : -BIGGEST)),
  tiny: (random, v) => v.map(() => 1e-38 * gauss(random)),
  denormal: (random, v) => v.map(() => SMALLEST * Math.floor(random() * 400 - 200)),
  smallest: (random, v) => v.map(() => SMALLEST * Math.floor(random() * 3 - 1)),
  wild: (random, v) => v.map(() => gauss(random) * 2 ** (random() * 240 - 120)),
  outlier: (random, v) => {
    const out = v.map(() => 0.0039 * gauss(random));
    out[Math.floor(random() * v.length)] = 1;
    return out;
  },
  grid: (random, v) => v.map(() => Math.floor(random() * 5) * 0.25),
};
const KINDS = Object.keys(GENERATORS);

/** `count` rows and `queries` queries, of one kind or of several mixed. */
export function makeVectors(random, count, queries, dimension) {
  const total = count + queries;
  const all = new Float32Array(total * dimension);
  const kinds = Array.from(
    { length: 1 + Math.floor(random() * 3) },
    () => KINDS[Math.floor(random() * KINDS.length)],
  );
  const baseKind = random() < 0.7 ? 'gaussian' : KINDS[Math.floor(random() * KINDS.length)];
  const zero = new Float32Array(dimension).fill(1);
  const base = Float32Array.from(GENERATORS[baseKind](random, new Float32Array(dimension), zero));
  const order = Array.from({ length: total }, (_, i) => i);
  const normalize = random() < 0.2;
  for (const i of order) {
    const kind = kinds[Math.floor(random() * kinds.length)];
    const vector = all.subarray(i * dimension, (i + 1) * dimension);
    vector.set(GENERATORS[kind](random, new Float32Array(dimension), base));
    for (let j = 0; j < dimension; j++) if (!Number.isFinite(vector[j])) vector[j] = BIGGEST;
    if (normalize) {
      const norm = Math.hypot(...vector);
      if (norm > 0 && Number.isFinite(norm))
        vector.forEach((x, j) => {
          vector[j] = x / norm;
        });
    }
  }
  const rows = all.slice(0, count * dimension);
  const asked = all.slice(count * dimension);
  // Half of the queries are rows of the table, or hairs away from one.
  for (let q = 0; q < queries; q++) {
    const kind = random();
    if (kind > 0.5) continue;
    const from = Math.floor(random() * count) * dimension;
    for (let j = 0; j < dimension; j++) {
      const value = rows[from + j] * (kind < 0.25 ? 1 : 1 + (random() - 0.5) * 0.01);
      asked[q * dimension + j] = Math.max(-BIGGEST, Math.min(BIGGEST, value));
    }
  }
  return { rows, queries: asked };
}

/** The formulas as one would write them down: another float64 evaluation than the package's own. */
export function plainDistance(metric, a, b) {
  let dot = 0;
  let aa = 0;
  let bb = 0;
  let squared = 0;
  for (let i = 0; i < a.length; i++) {
    dot += a[i] * b[i];
    aa += a[i] * a[i];
    bb += b[i] * b[i];
    squared += (a[i] - b[i]) * (a[i] - b[i]);
  }
  if (metric === 'l2') return Math.sqrt(squared);
  if (metric === 'dot') return -dot;
  return aa === 0 || bb === 0 ? 1 : 1 - dot / (Math.sqrt(aa) * Math.sqrt(bb));
}

/** Every row with its distance, canonical unless `measure` is given, nearest first, ties by id. */
export function bruteForce(metric, query, rows, ids, measure = distance) {
  const dimension = query.length;
  return Array.from(ids, (id, i) => ({
    id,
    distance: measure(metric, query, rows.subarray(i * dimension, (i + 1) * dimension)),
  })).sort((a, b) => a.distance - b.distance || a.id - b.id);
}
