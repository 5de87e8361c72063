// Hybrid searches and page writes on a real sqld against the round-trip time, which a proxy on loopback adds.
// Run: node packages/backend-libsql/bench/remote-latency.mjs [chunks] [dimension]
import { libsqlBackend } from '@switchyard/backend-libsql';
import { startProxy, startSqld } from '@switchyard/sqld';
import { parseConnectionString } from '@switchyard/storage-core';

const chunks = Number(process.argv[2] ?? 5_000);
const dimension = Number(process.argv[3] ?? 768);
const REPEATS = 21;
const words = [
  'route',
  'hook',
  'plugin',
  'request',
  'reply',
  'schema',
  'logger',
  'server',
  'error',
  'stream',
];

let state = 7;
const random = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32 - 0.5;
};
const vector = () => Float32Array.from({ length: dimension }, random);
const text = () =>
  Array.from({ length: 40 }, () => words[Math.floor((random() + 0.5) * words.length)]).join(' ');
const page = (url, count) => ({
  kind: 'replacePage',
  version: { library: 'bench', version: '1' },
  page: { url, title: 'A page' },
  chunks: Array.from({ length: count }, () => ({
    content: text(),
    metadata: { types: ['text'], level: 1, path: [] },
    vector: vector(),
  })),
});
const search = () => ({
  versions: [{ library: 'bench', version: '1' }],
  vector: { values: vector(), limit: 100 },
  fts: { terms: ['route', 'hook'], limit: 10 },
  fusion: { limit: 5 },
});
const median = (times) => times.sort((a, b) => a - b)[times.length >> 1];

const server = await startSqld();
const proxy = await startProxy(server.url);
const store = libsqlBackend.create(parseConnectionString(proxy.url, { backends: [libsqlBackend] }));
await store.open();
await store.vectors.reconcile({ model: 'bench:random', dimension }, 'refuse');
const began = performance.now();
for (let at = 0; at < chunks; at += 500) {
  await store.apply(Array.from({ length: 50 }, (_, i) => page(`/${at}/${i}`, 10)));
}
const rate = Math.round((chunks / (performance.now() - began)) * 1000);
console.log(`${chunks} chunks of ${dimension} dimensions, written at ${rate} chunks/s`);
console.log(
  '| round trip, ms | hybrid search, ms | replacing a page of 10 chunks, ms | replacing one of 200, ms |',
);
console.log('|---|---|---|---|');
for (const delayMs of [0, 1, 10, 50]) {
  proxy.behave({ kind: 'forward', delayMs });
  const measure = async (work) => {
    await work();
    const times = [];
    for (let i = 0; i < REPEATS; i++) {
      const start = performance.now();
      await work();
      times.push(performance.now() - start);
    }
    return median(times).toFixed(1);
  };
  const cells = [
    await measure(() => store.candidates(search())),
    await measure(() => store.apply([page('/small', 10)])),
    await measure(() => store.apply([page('/large', 200)])),
  ];
  console.log(`| ${delayMs === 0 ? 'loopback' : delayMs} | ${cells.join(' | ')} |`);
}
await store.close();
await proxy.stop();
await server.stop();
