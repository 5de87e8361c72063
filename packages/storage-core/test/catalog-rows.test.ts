import type { ChunkRecord } from '@switchyard/storage-core';
import {
  catalogOver,
  changedVersion,
  chunksIn,
  copyTables,
  countRows,
  newVersion,
  singleLevelMigrator,
  toPageRow,
} from '@switchyard/storage-core/backend';
import { describe, expect, it } from 'vitest';

const library = { id: 1, name: 'fastify', createdAt: null };
const version = newVersion(2, library, '5.0');
const page = toPageRow(3, 2, { url: '/a', title: 'A' }, undefined);
const chunk = { id: 5, pageId: 3, content: 'text', sortOrder: 1, createdAt: null, vector: null };
const metadata = { types: [], level: 1, path: ['A'] };

function tables() {
  const rows = copyTables();
  rows.libraries.set(1, library);
  rows.versions.set(2, version);
  rows.pages.set(3, page);
  rows.chunks.set(5, { ...chunk, metadata });
  rows.chunks.set(4, { ...chunk, id: 4, metadata, vector: Float32Array.of(1) });
  return rows;
}

// The contract tests of the reference backend cover every read of `catalogOver`.
describe('rows in memory', () => {
  it('are copied by table, and counted', () => {
    const rows = tables();
    const copy = copyTables(rows);
    copy.chunks.clear();
    expect(countRows(rows)).toEqual({ libraries: 1, versions: 1, pages: 1, chunks: 2, vectors: 1 });
    expect(countRows(copy).chunks).toBe(0);
    expect(chunksIn(rows, 3).map(({ id }) => id)).toEqual([4, 5]);
  });

  it('are out of reach of callers of the catalog', async () => {
    const rows = tables();
    const catalog = catalogOver(async (_, work) => work(rows));
    const [first] = await catalog.chunksByUrl({ versionId: 2 }, '/a');
    ((first as ChunkRecord).metadata.path as string[]).push('changed');
    expect(metadata.path).toEqual(['A']);
  });

  it('get the defaults of a page, and keep what a known page has', () => {
    const known = { ...page, createdAt: '2020-01-01 00:00:00' };
    expect(toPageRow(3, 2, { url: '/a', updatedAt: null }, known)).toEqual({
      ...{ id: 3, versionId: 2, url: '/a', title: null, etag: null, lastModified: null, contentType: null },
      ...{ sourceContentType: null, depth: null, createdAt: known.createdAt, updatedAt: null },
    });
  });

  it('change with the state of a version', () => {
    const failed = {
      kind: 'setVersionStatus',
      version: { versionId: 2 },
      status: 'failed',
      errorMessage: 'x',
    } as const;
    expect(changedVersion(version, failed)).toMatchObject({ status: 'failed', errorMessage: 'x' });
    const running = { ...failed, status: 'running', errorMessage: undefined } as const;
    expect(changedVersion(changedVersion(version, failed), running)).toMatchObject({ errorMessage: null });
  });

  it('have a schema of one level', async () => {
    const migrator = singleLevelMigrator(async (_, work) => work(), 3);
    expect(await migrator.status()).toEqual({ state: 'current', level: 3, latest: 3 });
    expect(await migrator.migrate({ dryRun: true })).toEqual({ from: 3, to: 3, applied: [], dryRun: true });
  });
});
