// Measures writes and searches: node measure.mjs [STORE] [CHUNKS] [DIMENSION]. Default: 20,000 x 384 in an embedded database.
import { parseConnectionString } from '@switchyard/storage-core';
import postgresBackend from './dist/index.js';

const [, , store = 'pglite::memory:', chunks = '20000', dimension = '384'] = process.argv;
const version = { library: 'measured', version: '1' };
const connection = parseConnectionString(store, { backends: [postgresBackend] });
const backend = postgresBackend.create(connection);
const words = Array.from({ length: 5000 }, (_, i) => `word${(i * 7919) % 5000}x`);

let state = 2607;
const random = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
};
// Words are as frequent as in a text: a few are in most chunks, most are rare.
const word = () => words[Math.floor(words.length * random() ** 4)];
const text = (length) => Array.from({ length }, word).join(' ');
const vector = () => Float32Array.from({ length: Number(dimension) }, () => random() - 0.5);

const perPage = 10;
const page = (i) => ({
  kind: 'replacePage',
  version,
  page: { url: `https://example.org/docs/${i}`, title: text(4) },
  chunks: Array.from({ length: perPage }, () => ({
    content: text(120),
    metadata: { types: ['text'], level: 1, path: [text(2)] },
    vector: vector(),
  })),
});

async function median(name, times, call) {
  const samples = [];
  const cpu = process.cpuUsage();
  for (let i = 0; i < times; i++) {
    const begin = performance.now();
    await call();
    samples.push(performance.now() - begin);
  }
  const { user, system } = process.cpuUsage(cpu);
  samples.sort((a, b) => a - b);
  const at = (share) => `${samples[Math.floor(share * (times - 1))].toFixed(1)} ms`;
  const busy = `${((user + system) / 1000 / times).toFixed(1)} ms of CPU time here`;
  console.log(`${name}: p50 ${at(0.5)}, p95 ${at(0.95)}, ${busy}`);
}

await backend.open();
await backend.vectors.reconcile({ model: 'measured:model', dimension: Number(dimension) }, 'reset');
const begin = performance.now();
const cpu = process.cpuUsage();
for (let i = 0; i < chunks / perPage; i++) await backend.apply([page(i)]);
const { user, system } = process.cpuUsage(cpu);
const seconds = (performance.now() - begin) / 1000;
console.log(
  `${chunks} chunks of ${dimension} components written in ${seconds.toFixed(0)} s (${((user + system) / 1e6).toFixed(0)} s of CPU time here)`,
);
console.log(await backend.inspect().then(({ engine, bytes }) => ({ engine: engine.version, bytes })));
await median('vector search, 200 nearest', 15, () =>
  backend.vectors.nearest({ version, vector: vector(), limit: 200 }),
);
await median('full-text search, 3 words', 15, () =>
  backend.fts.match({ version, terms: text(3).split(' '), limit: 20 }),
);
await median('full-text search, 3 rare words', 15, () =>
  backend.fts.match({ version, terms: ['word3501x', 'word4200x', 'word4800x'], limit: 20 }),
);
await median('chunks by URL', 50, () =>
  backend.catalog.chunksByUrl(
    version,
    `https://example.org/docs/${Math.floor((random() * chunks) / perPage)}`,
  ),
);
await backend.close();
