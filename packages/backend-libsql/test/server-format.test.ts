import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type SqldServer, startSqld } from '@switchyard/sqld';
import { DocumentStore, type StorageBackend } from '@switchyard/storage-core';
import { expect, it } from 'vitest';
import { connect } from './support/connect.js';
import { describeWithSqld } from './support/sqld.js';
import { chunk, fastify, page } from './support/store.js';
import { tempFile, tempFolder } from './support/temp.js';

const DIMENSION = 64;
const vector = (seed: number) =>
  Float32Array.from({ length: DIMENSION }, (_, i) => Math.sin(seed * 3.7 + i * seed));
const subjects = ['routes and hooks', 'plugins', 'the request and its hooks', 'errors in routes', 'logging'];

async function fill(store: StorageBackend): Promise<void> {
  await store.vectors.reconcile({ model: 'a:b', dimension: DIMENSION }, 'refuse');
  await store.apply(
    Array.from({ length: 12 }, (_, p) =>
      page(
        `/page-${p}`,
        Array.from({ length: 6 }, (_, c) =>
          chunk(`${subjects[(p + c) % subjects.length]} ${p}`, { vector: vector(1 + p * 6 + c) }),
        ),
      ),
    ),
  );
}

/** Everything a search and a copy can tell of a store. */
async function whatItSays(backend: StorageBackend): Promise<object> {
  const store = await DocumentStore.open({ backend });
  const rankings: unknown[] = [];
  for (const text of ['hooks', 'routes hooks', '"errors in routes"', 'logging 3']) {
    const hits = await store.search(fastify.library, fastify.version, text, {
      vector: vector(text.length),
      limit: 10,
    });
    rankings.push(hits.map(({ id, vecRank, ftsRank, score }) => [id, vecRank, ftsRank, score]));
  }
  const pages = await backend.catalog.snapshot({ version: fastify, limit: 100 });
  const vectors = pages.map(({ chunks }) =>
    chunks.map(({ vector: values }) => {
      if (values === null) return null;
      return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('hex');
    }),
  );
  return { rankings, vectors, profile: await backend.vectors.profile(), words: await backend.fts.audit() };
}

/** Starts a server whose database is a copy of a local file. */
function serve(file: string): Promise<SqldServer> {
  const directory = tempFolder();
  mkdirSync(join(directory, 'dbs', 'default'), { recursive: true });
  copyFileSync(file, join(directory, 'dbs', 'default', 'data'));
  return startSqld({ directory });
}

/** Copies the database of a server that has stopped. The last writes may still be in the WAL beside the file. */
function copyOf({ databaseFile }: SqldServer): string {
  const copy = tempFile('copy.db');
  for (const suffix of ['', '-wal']) {
    if (existsSync(databaseFile + suffix)) copyFileSync(databaseFile + suffix, copy + suffix);
  }
  return copy;
}

describeWithSqld('one format on disk', () => {
  it('a file written locally is served by sqld as its database', async () => {
    const file = tempFile('local.db');
    const local = connect(file);
    await local.open();
    await fill(local);
    const expected = await whatItSays(local);
    await local.close();

    const server = await serve(file);
    const remote = connect(server.url);
    try {
      await remote.open();
      expect(await whatItSays(remote)).toEqual(expected);
    } finally {
      await remote.close();
      await server.stop();
    }
  });

  it('the database of sqld is opened locally', async () => {
    const server = await startSqld({ directory: tempFolder() });
    const remote = connect(server.url);
    await remote.open();
    await fill(remote);
    const expected = await whatItSays(remote);
    await remote.close();
    await server.stop();

    const local = connect(copyOf(server));
    try {
      await local.open();
      expect(await whatItSays(local)).toEqual(expected);
    } finally {
      await local.close();
    }
  });

  it('a file moves to a server and back, and is written in both places', async () => {
    const file = tempFile('local.db');
    const local = connect(file);
    await local.open();
    await fill(local);
    await whatItSays(local); // leaves codes of the vectors, which know nothing of what comes
    await local.close();

    const server = await serve(file);
    const remote = connect(server.url);
    await remote.open();
    await remote.apply([
      page('/page-3', [chunk('hooks of the server', { vector: vector(0.4) })]),
      page('/new', [chunk('routes of the server', { vector: vector(12) })]),
      { kind: 'deletePage', page: { version: fastify, url: '/page-5' } },
    ]);
    const expected = await whatItSays(remote);
    await remote.close();
    await server.stop();

    const again = connect(copyOf(server));
    try {
      await again.open();
      expect(await whatItSays(again)).toEqual(expected);
      await again.apply([page('/page-3', [chunk('hooks at home', { vector: vector(3) })])]);
      expect((await again.vectors.audit()).problems).toEqual([]);
      expect((await again.fts.audit()).problems).toEqual([]);
    } finally {
      await again.close();
    }
  });
});
