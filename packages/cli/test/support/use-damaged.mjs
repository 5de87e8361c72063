// node use-damaged.mjs < LIST: uses each store of a list of JSON lines { file, kind } in every way, and prints a line of
// JSON for each use: what it ended in. A use that ends the process is seen by the lines that are missing.
import { existsSync } from 'node:fs'; // @legacy
import { createInterface } from 'node:readline';
import { libsqlBackend } from '@switchyard/backend-libsql';
import { sqliteVecBackend } from '@switchyard/backend-sqlite-vec'; // @legacy
import { convertLegacyStore, LegacySource, planConversion } from '@switchyard/legacy-conversion'; // @legacy
import {
  copyStore,
  DocumentStore,
  isStorageError,
  parseConnectionString,
  verifyStores,
} from '@switchyard/storage-core';

const backends = [
  libsqlBackend,
  sqliteVecBackend, // @legacy
];
const prefixes = {
  libsql: 'file:',
  legacy: 'sqlite-vec:', // @legacy
};

function backendOf(connection, options) {
  const parsed = parseConnectionString(connection, { backends });
  return backends.find(({ name }) => name === parsed.backend).create(parsed, options);
}

const libraryOf = ({ library }) => library;

/** Uses of a store through its own backend. */
const uses = {
  overview: (store) => store.backend.catalog.overview(),
  chunks: async (store) => {
    for (const { version } of await store.backend.catalog.overview()) {
      const pages = await store.pages(version.id);
      for (const { url } of pages.slice(0, 20)) {
        await store.backend.catalog.chunksByUrl({ versionId: version.id }, url);
      }
    }
    await store.chunks(Array.from({ length: 50 }, (_, i) => String(i + 1)));
  },
  search: async (store) => {
    for (const { version } of await store.backend.catalog.overview()) {
      await store.search(libraryOf(version), version.name, 'the client request', { limit: 5 });
    }
  },
  inspect: (store) => store.backend.inspect(),
  copy: async (store) => {
    const target = backendOf(':memory:');
    await target.open();
    await copyStore(store.backend, target, { metric: 'l2' }).finally(() => target.close());
  },
  verify: (store) => verifyStores(store.backend, store.backend),
};

function report(file, use, error) {
  const code = error === null ? 'ok' : isStorageError(error) ? error.code : error.name;
  const message = error === null ? '' : error.message.slice(0, 300);
  process.stdout.write(`${JSON.stringify({ file, use, code, message })}\n`);
}

async function outcome(file, use, work) {
  try {
    await work();
    report(file, use, null);
  } catch (error) {
    report(file, use, error);
  }
}

// @legacy-begin
/** Fails unless the converted store reads as the legacy one. The full-text index is rebuilt, so searches may differ. */
async function verifyConverted(file, converted) {
  if (!existsSync(converted)) return;
  const [source, store] = [new LegacySource({ path: file }), backendOf(`file:${converted}`)];
  await source.open();
  await store.open();
  try {
    const { differences } = await verifyStores(source, store, { deep: true, searches: 0 });
    if (differences.length > 0) throw new Error(JSON.stringify(differences.slice(0, 3)));
  } finally {
    await store.close();
    await source.close();
  }
}
// @legacy-end

for await (const line of createInterface({ input: process.stdin })) {
  const task = JSON.parse(line);
  const { file, kind } = task;
  const connection = `${prefixes[kind]}${file}`;
  for (const [use, work] of Object.entries(uses)) {
    await outcome(file, use, async () => {
      const store = await DocumentStore.open({ backend: backendOf(connection, { mustExist: true }) });
      try {
        await work(store);
      } finally {
        await store.close();
      }
    });
  }
  // @legacy-begin
  if (kind !== 'legacy' || !task.convert) continue;
  const target = { type: 'file', path: `${file}.converted` };
  await outcome(file, 'plan', () => planConversion({ source: file, target }));
  await outcome(file, 'convert', () => convertLegacyStore({ source: file, target }));
  await outcome(file, 'verify-converted', () => verifyConverted(file, target.path));
  // @legacy-end
}
process.exit(0);
