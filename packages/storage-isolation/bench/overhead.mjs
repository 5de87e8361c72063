// What a call costs more in a child process than in this one: `node packages/storage-isolation/bench/overhead.mjs`.
// The reference backend does the same work on both sides; calls are interleaved, medians are in milliseconds.
import { performance } from 'node:perf_hooks';
import { isolate } from '@switchyard/storage-isolation';

const DIMENSION = 768;
const module = new URL('../test/fixtures/memory.mjs', import.meta.url);
const { memory } = await import(module.href);
const connection = {
  backend: 'memory',
  location: { type: 'memory' },
  authToken: null,
  options: {},
  redacted: ':memory:',
};
const isolated = () =>
  isolate({ definition: memory, reference: { module, exportName: 'memory' }, connection });

const version = { library: 'bench', version: '' };
const vector = () => Float32Array.from({ length: DIMENSION }, () => Math.random() - 0.5);
const page = (url, chunks) => ({
  kind: 'replacePage',
  version,
  page: { url },
  chunks: Array.from({ length: chunks }, (_, i) => ({
    content: `word${i} `.repeat(150),
    metadata: { types: ['text'], level: 1, path: ['Guide'] },
    vector: vector(),
  })),
});

const starts = [];
for (let i = 0; i < 5; i++) {
  const started = isolated();
  const before = performance.now();
  await started.open();
  starts.push(performance.now() - before);
  await started.close();
}
console.log(`start and open a child: ${median(starts).toFixed(0)} ms`);

const here = memory.create();
const there = isolated();
for (const backend of [here, there]) {
  await backend.open();
  await backend.vectors.reconcile({ model: 'bench', dimension: DIMENSION }, 'refuse');
  await backend.apply(Array.from({ length: 5 }, (_, i) => page(`https://bench/${i}`, 20)));
}
const small = { library: 'bench' };
const write = page('https://bench/write', 7);
const large = page('https://bench/large', 50);
const query = { version, vector: vector(), limit: 100 };
const cases = [
  ['small read (library by name)', 2_000, (b) => b.catalog.library(small)],
  [`vector search, ${DIMENSION} dimensions, 100 hits`, 500, (b) => b.vectors.nearest(query)],
  [`replacePage, 7 chunks of ${DIMENSION} dimensions`, 300, (b) => b.apply([write])],
  [`replacePage, 50 chunks of ${DIMENSION} dimensions`, 60, (b) => b.apply([large])],
  ['snapshot of 5 pages, 100 chunks with vectors', 100, (b) => b.catalog.snapshot({ version, limit: 5 })],
];
for (const [name, runs, call] of cases) {
  const times = { here: [], there: [] };
  for (let i = 0; i < runs + 30; i++) {
    for (const [side, backend] of [
      ['here', here],
      ['there', there],
    ]) {
      const before = performance.now();
      await call(backend);
      if (i >= 30) times[side].push(performance.now() - before);
    }
  }
  const [inline, child] = [median(times.here), median(times.there)];
  console.log(
    `${name}: ${inline.toFixed(3)} here, ${child.toFixed(3)} in a child, +${(child - inline).toFixed(3)} ms`,
  );
}
await there.close();

function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}
