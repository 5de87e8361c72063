import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSqld } from '@switchyard/sqld';
import { text } from '@switchyard/sqlite-common';
import {
  copyStore,
  DocumentStore,
  isStorageError,
  type StorageBackend,
  verifyStores,
} from '@switchyard/storage-core';
import Database from 'libsql';
import { beforeAll, describe, expect, it } from 'vitest';
import { connect } from './support/connect.js';
import { describeWithSqld } from './support/sqld.js';
import { chunk, createStore, fastify, openStore, page } from './support/store.js';
import { tempFile, tempFolder } from './support/temp.js';

/** Text columns of a store: [table, column]. */
const columns = [
  ['libraries', 'name'],
  ['libraries', 'created_at'],
  ['versions', 'name'],
  ['versions', 'status'],
  ['versions', 'error_message'],
  ['versions', 'source_url'],
  ['versions', 'scraper_options'],
  ['versions', 'created_at'],
  ['versions', 'started_at'],
  ['versions', 'updated_at'],
  ['pages', 'url'],
  ['pages', 'title'],
  ['pages', 'etag'],
  ['pages', 'last_modified'],
  ['pages', 'content_type'],
  ['pages', 'source_content_type'],
  ['pages', 'created_at'],
  ['pages', 'updated_at'],
  ['documents', 'content'],
  ['documents', 'metadata'],
  ['documents', 'created_at'],
  ['switchyard_meta', 'value'],
  ['switchyard_migrations', 'name'],
] as const;

/** Columns of numbers and bytes, which damage may turn into text. */
const others = [
  ['versions', 'progress_pages'],
  ['pages', 'depth'],
  ['documents', 'sort_order'],
  ['documents', 'structural'],
  ['document_vectors', 'embedding'],
  ['document_vectors', 'unscaled'],
  ['vector_generations', 'generation'],
  ['vector_codes', 'codes'],
  ['documents_fts_data', 'block'],
] as const;

/** Half an emoji as better-sqlite3 writes it, half of a sequence, and what begins none. */
const ILL_FORMED = ['eda0bd', 'e282', 'ff'];

/** The bytes of a store. */
let sound: Buffer;

beforeAll(async () => {
  const file = tempFile();
  const store = await openStore(file);
  await store.vectors.reconcile({ model: 'a:b', dimension: 4, metric: 'l2' }, 'refuse');
  const vector = Float32Array.of(1, 2, 3, 4);
  const [, resolved] = await store.apply([
    page('/a', [chunk('zebra stripes', { vector }), chunk('zebra herds', { vector })]),
    { kind: 'resolveVersion', ...fastify },
  ]);
  await store.apply([
    page('/b', [chunk('a lone zebra', { vector })]),
    {
      kind: 'setScraperOptions',
      version: { versionId: resolved.versionId },
      sourceUrl: 'http://s',
      options: { a: 1 },
    },
  ]);
  await store.close();
  sound = readFileSync(file);
});

function damaged(table: string, column: string, bytes: string): string {
  const file = tempFile();
  writeFileSync(file, sound);
  const database = new Database(file);
  database.exec(`UPDATE ${table} SET ${column} = CAST(x'61${bytes}62' AS TEXT)
    WHERE rowid = (SELECT max(rowid) FROM ${table})`);
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
  return file;
}

/**
 * Every way of reading a store. Copies and comparisons first check all rows, in a child process, unless they are
 * unchecked.
 */
const reads: Readonly<Record<string, (store: StorageBackend, unchecked: boolean) => Promise<unknown>>> = {
  open: async () => undefined,
  libraries: ({ catalog }) => catalog.libraries(),
  overview: ({ catalog }) => catalog.overview(),
  versions: ({ catalog }) => catalog.versionsByStatus(['not_indexed', 'completed']),
  pages: ({ catalog }) => catalog.pages(fastify),
  chunks: async ({ catalog }) => {
    for (const url of ['/a', '/b']) await catalog.chunksByUrl(fastify, url);
    await catalog.chunks([1, 2, 3]);
  },
  relatives: ({ catalog }) => catalog.relatives({ chunkIds: [1], parent: true, subsequentSiblings: 3 }),
  snapshot: ({ catalog }) => catalog.snapshot({ version: fastify, limit: 10 }),
  words: async (backend) => {
    await (await DocumentStore.open({ backend })).search('fastify', '5.6.0', 'zebra');
  },
  hybrid: (backend) =>
    backend.candidates?.({
      versions: [fastify],
      vector: { values: Float32Array.of(1, 2, 3, 4), limit: 10 },
      fts: { terms: ['zebra'], limit: 10 },
      fusion: { limit: 5 },
    }) ?? Promise.resolve(),
  inspect: (store) => store.inspect(),
  audit: async (store) => {
    await store.vectors.audit();
    await store.fts.audit();
  },
  copy: async (store, unchecked) => {
    await copyStore(store, await openStore(), { unchecked });
  },
  verify: (store, unchecked) => verifyStores(store, store, { deep: true, unchecked }),
};

/** Errors of each way of reading. */
async function outcomes(connection: string, unchecked = false): Promise<{ read: string; error: unknown }[]> {
  const store = connect(connection);
  const found: { read: string; error: unknown }[] = [];
  try {
    for (const [read, use] of Object.entries(reads)) {
      try {
        await store.open();
        await use(store, unchecked);
      } catch (error) {
        found.push({ read, error });
      }
    }
  } finally {
    await store.close();
  }
  return found;
}

/** Returns true for an error of a damaged store. */
function isDamage(error: unknown): boolean {
  return (
    isStorageError(error) &&
    ['STORAGE_CORRUPT', 'STORAGE_SCHEMA_UNSUPPORTED', 'STORAGE_SCHEMA_TOO_NEW'].includes(error.code)
  );
}

describe('text that is not UTF-8', () => {
  it.each(columns)(
    'in %s.%s is STORAGE_CORRUPT that names it, wherever it is read',
    async (table, column) => {
      for (const bytes of ILL_FORMED) {
        const found = await outcomes(damaged(table, column, bytes), bytes !== ILL_FORMED[0]);
        for (const { error } of found) {
          expect(error).toMatchObject({ code: 'STORAGE_CORRUPT', details: { table, column } });
          if (!table.startsWith('switchyard_')) expect(error).toHaveProperty('details.row');
        }
        expect(found.length).toBeGreaterThan(0);
      }
    },
  );

  it.each(others)('in %s.%s, which is not a text column, aborts no process', async (table, column) => {
    for (const bytes of ILL_FORMED) {
      const file = damaged(table, column, bytes);
      for (const { read, error } of await outcomes(file, bytes !== ILL_FORMED[0])) {
        expect([read, isDamage(error), error]).toEqual([read, true, error]);
      }
    }
  });

  it('is found in a child process at the first attempt', async () => {
    const store = connect(`${damaged('documents', 'content', 'ff')}?isolation=process`);
    await store.open();
    await expect(store.catalog.chunks([3])).rejects.toMatchObject({
      code: 'STORAGE_CORRUPT',
      details: { table: 'documents', column: 'content', row: 3 },
    });
    expect(await store.catalog.chunks([1])).toHaveLength(1);
    await store.close();
  });

  it('in the name of a table aborts no process', async () => {
    const file = tempFile();
    writeFileSync(file, sound);
    const database = new Database(file);
    database.exec(`
      PRAGMA writable_schema = ON;
      UPDATE sqlite_master SET name = CAST(x'70616765ff' AS TEXT) WHERE name = 'pages_by_version';
      PRAGMA wal_checkpoint(TRUNCATE)`);
    database.close();
    for (const { error } of await outcomes(file)) expect(isDamage(error)).toBe(true);
  });

  it('is read with its source: a statement names table and column', () => {
    expect(text('documents.content')).toBe(
      'CAST(documents.content AS BLOB) AS "content@documents.content#id"',
    );
  });
});

describeWithSqld('text that is not UTF-8, on a server', () => {
  it('fails with STORAGE_CORRUPT that names it, in every read', async () => {
    for (const [table, column] of [
      ['documents', 'content'],
      ['pages', 'title'],
      ['versions', 'error_message'],
      ['switchyard_meta', 'value'],
    ] as const) {
      const directory = tempFolder();
      mkdirSync(join(directory, 'dbs', 'default'), { recursive: true });
      copyFileSync(damaged(table, column, 'eda0bd'), join(directory, 'dbs', 'default', 'data'));
      const server = await startSqld({ directory });
      try {
        const found = await outcomes(`${server.url}?isolation=inline`);
        for (const { read, error } of found) {
          expect([read, error]).toEqual([
            read,
            expect.objectContaining({
              code: 'STORAGE_CORRUPT',
              details: expect.objectContaining({ table, column }),
            }),
          ]);
        }
        expect(found.length).toBeGreaterThan(0);
      } finally {
        await server.stop();
      }
    }
  });
});

describe('a lone surrogate', () => {
  it('is stored as U+FFFD', async () => {
    const store = createStore(':memory:');
    await store.open();
    await store.apply([page('/a\ud83d', [chunk('half \ud83d an emoji')])]);
    expect(await store.catalog.chunks([1])).toMatchObject([
      { url: '/a\ufffd', content: 'half \ufffd an emoji' },
    ]);
  });
});
