// Measures the overhead of process isolation: `node packages/storage-isolation/bench/overhead.mjs`. The backend in the
// child does no work, so each time is that of the round trip alone. Medians and 95th percentiles, in milliseconds.
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { isolate } from '@switchyard/storage-isolation';

const DIMENSION = 768;
const module = new URL('../test/fixtures/trick.mjs', import.meta.url);
const { trick } = await import(module.href);

function start(location, options = {}) {
  return isolate({
    definition: trick,
    reference: { module, exportName: 'trick' },
    connection: { backend: 'trick', location, authToken: null, options: {}, redacted: '' },
    options: { onStderr: () => undefined, ...options },
  });
}

const version = { library: 'bench', version: '' };
const vector = (length) => Float32Array.from({ length }, (_, i) => Math.sin(i + 1) / 2);
const page = (chunks) => ({
  kind: 'replacePage',
  version,
  page: { url: 'https://bench/page' },
  chunks: Array.from({ length: chunks }, (_, i) => ({
    content: `word${i} `.repeat(150),
    metadata: { types: ['text'], level: 1, path: ['Guide'] },
    vector: vector(DIMENSION),
  })),
});

const backend = start({ type: 'memory' });
await backend.open();
const [small, large] = [page(7), page(50)];
// The backend answers with one hit per vector component.
const [short, query] = [vector(100), vector(DIMENSION)];
await measure('small read (a library by name)', 5_000, () => backend.catalog.library({ library: 'x' }));
await measure('vector search, 100 dimensions, 100 hits', 1_000, () =>
  backend.vectors.nearest({ version, vector: short, limit: 100 }),
);
await measure(`vector search, ${DIMENSION} dimensions, ${DIMENSION} hits`, 1_000, () =>
  backend.vectors.nearest({ version, vector: query, limit: DIMENSION }),
);
await measure('replacePage, 7 chunks with vectors', 1_000, () => backend.apply([small]));
await measure('replacePage, 50 chunks with vectors', 300, () => backend.apply([large]));
await backend.close();

await measure('start a child, open, close', 10, async () => {
  const started = start({ type: 'memory' });
  await started.open();
  await started.close();
});

// 300 MB of memory, whose page tables the kernel has to copy at each fork.
const ballast = Array.from({ length: 30 }, () => Buffer.alloc(10_000_000, 1));
for (const launcherDelayMs of [0, 3_600_000]) {
  const hanging = start({ type: 'file', path: '/dev/null' }, { graceMs: 10, launcherDelayMs });
  await hanging.open();
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  console.log(launcherDelayMs === 0 ? 'with the launcher' : 'without the launcher');
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await measure('  hang in native code, 50 ms deadline, kill, next call in a new child', 10, async () => {
    await hanging.catalog
      .library({ library: 'hang-native' }, { deadline: Date.now() + 50 })
      .catch(() => undefined);
    await hanging.catalog.library({ library: 'after' });
  });
  delay.disable();
  console.log(`  maximum event loop delay meanwhile: ${(delay.max / 1e6).toFixed(1)} ms`);
  await hanging.close();
}
console.log(`(${ballast.length * 10} MB held)`);

async function measure(name, runs, call) {
  const times = [];
  const warmUp = Math.min(50, runs / 5);
  for (let i = 0; i < runs + warmUp; i++) {
    const before = performance.now();
    await call();
    if (i >= warmUp) times.push(performance.now() - before);
  }
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.floor(times.length * share)].toFixed(3);
  console.log(`${name}: ${at(0.5)} (p95 ${at(0.95)})`);
}
