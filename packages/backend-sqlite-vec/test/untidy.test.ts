import { describe, expect, test } from 'vitest';
import { openAsApplication, schemaOf } from './support/application.js';
import { fixturesNote, haveFixtures, unpackUntidy } from './support/fixtures.js';
import { folderOf, openOn } from './support/temp.js';

const undici = { library: 'undici', version: '7.0.0' };
const stale = Array.from({ length: 21 }, (_, index) => 314 + index);

describe.skipIf(!haveFixtures)(`an untidy store${fixturesNote}`, () => {
  test('is opened with the writes that a killed process had committed to the WAL', async () => {
    const path = unpackUntidy();
    expect(Object.keys(folderOf(path))).toContain('documents.db-wal');
    const backend = await openOn(path);
    expect((await backend.inspect()).counts).toEqual({
      libraries: 4,
      versions: 4,
      pages: 57,
      chunks: 270,
      vectors: 265,
    });
    expect(await backend.catalog.version({ library: 'FASTIFY', version: '5.6.0' })).toMatchObject({
      status: 'failed',
      errorMessage: 'crawl aborted',
    });
    expect(
      await backend.catalog.version({ library: 'empty-library', version: '1.0.0-Β+BUILD.7' }),
    ).toMatchObject({
      id: 107,
    });
  });

  test('every fault is named by the audit and counted by the statistics', async () => {
    const backend = await openOn(unpackUntidy());
    const { checked, problems } = await backend.vectors.audit();
    expect(checked).toBe(270);
    expect(problems.map(({ kind, chunkId }) => [kind, chunkId])).toEqual([
      ['damaged', null],
      ['unusable', 312],
      ['unusable', 313],
      ...stale.map((id) => ['damaged', id]),
      ['missing', 339],
      ['orphan', 999_999],
    ]);
    const detail = (id: number | null) => problems.find(({ chunkId }) => chunkId === id)?.detail;
    expect(detail(null)).toContain('documents_vec_after_update');
    expect(detail(312)).toMatch(/384.*512/);
    expect(detail(313)).toContain('JSON');
    expect(detail(314)).toContain('all zero');
    expect(await backend.vectors.stats()).toEqual({ indexed: 265, without: 4, unusable: 3, disagreeing: 21 });
    expect((await backend.fts.audit()).problems).toEqual([]);
  });

  test('is searched without the entry that has no chunk', async () => {
    const path = unpackUntidy();
    const backend = await openOn(path);
    const application = openAsApplication(path);
    const query = new Float32Array(512).fill(0.04);
    const entries = application
      .prepare('SELECT rowid AS id FROM documents_vec WHERE version_id = 45 ORDER BY rowid')
      .all() as { id: number }[];
    const hits = await backend.vectors.nearest({ version: undici, vector: query, limit: 1000 });
    expect(hits.map(({ chunkId }) => chunkId).sort((a, b) => a - b)).toEqual(entries.map(({ id }) => id));

    // The orphan is in a partition of its own; create that version.
    const [version] = await backend.apply([
      { kind: 'resolveVersion', library: 'ninety-nine', version: '', ids: { libraryId: 99, versionId: 99 } },
    ]);
    expect(version.versionId).toBe(99);
    expect(await backend.vectors.nearest({ version: { versionId: 99 }, vector: query, limit: 5 })).toEqual(
      [],
    );
  });

  test('a snapshot has the valid vectors of the chunks, and null otherwise', async () => {
    const backend = await openOn(unpackUntidy());
    const pages = await backend.catalog.snapshot({ version: undici, limit: 1000 });
    const chunks = new Map(pages.flatMap((page) => page.chunks).map((chunk) => [chunk.id, chunk.vector]));
    expect([309, 310, 311, 312, 313].map((id) => chunks.get(id))).toEqual([null, null, null, null, null]);
    expect(chunks.get(314)).toEqual(new Float32Array(512));
    expect(chunks.get(339)).toHaveLength(512);
    expect([...chunks.values()].filter((vector) => vector !== null)).toHaveLength(188);
  });

  test('rebuilding repairs the index and its trigger', async () => {
    const path = unpackUntidy();
    const backend = await openOn(path);
    await backend.vectors.rebuild();
    expect((await backend.vectors.audit()).problems.map(({ kind, chunkId }) => [kind, chunkId])).toEqual([
      ['unusable', 312],
      ['unusable', 313],
    ]);
    expect(await backend.vectors.stats()).toEqual({ indexed: 264, without: 4, unusable: 2 });
    expect(schemaOf(openAsApplication(path))).toHaveProperty('trigger documents_vec_after_update');
  });

  test('writes succeed despite a missing trigger and a leftover entry', async () => {
    const path = unpackUntidy();
    const application = openAsApplication(path);
    application.exec('DROP TRIGGER documents_vec_after_insert; DROP TRIGGER documents_fts_after_delete');
    const backend = await openOn(path);
    const vector = new Float32Array(512).fill(0.5);
    const [page] = await backend.apply([
      {
        kind: 'replacePage',
        version: undici,
        page: { url: 'https://example.org/new', title: 'New' },
        chunks: [
          { id: 999_999, content: 'xylophone', metadata: { types: ['text'], level: 0, path: [] }, vector },
        ],
      },
    ]);
    expect(page.chunkIds).toEqual([999_999]);
    const nearest = () => backend.vectors.nearest({ version: undici, vector, limit: 1 });
    const match = () => backend.fts.match({ version: undici, terms: ['xylophone'], limit: 5 });
    expect(await nearest()).toEqual([{ chunkId: 999_999, distance: 0 }]);
    expect(await match()).toHaveLength(1);
    await backend.apply([{ kind: 'deletePage', page: { pageId: page.pageId } }]);
    expect((await nearest())[0]?.chunkId).not.toBe(999_999);
    expect(await match()).toEqual([]);
    expect((await backend.fts.audit()).problems).toEqual([]);
    expect((await backend.vectors.audit()).problems.map(({ kind }) => kind)).not.toContain('orphan');
  });
});
