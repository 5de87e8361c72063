import { parseSearchText } from '@switchyard/storage-core';
import { fuse } from '@switchyard/storage-core/backend';
import { describe, expect, test } from 'vitest';
import { openAsApplication, schemaOf } from './support/application.js';
import { fixturesNote, goldenSearches, haveFixtures, unpack, vectorOf } from './support/fixtures.js';
import { openOn, tempFile } from './support/temp.js';

const even = (schema: Record<string, string>) =>
  Object.fromEntries(Object.entries(schema).map(([name, sql]) => [name, sql.replaceAll(/\s+/g, ' ')]));

describe.skipIf(!haveFixtures)(`stores of the application${fixturesNote}`, () => {
  test.each([
    [
      'level-11-undici',
      [
        '012-add-source-content-type.sql',
        '013-create-metadata-table.sql',
        '014-rebuild-vector-partition-keys.sql',
      ],
    ],
    ['level-13-undici', ['014-rebuild-vector-partition-keys.sql']],
    ['level-14-three-libraries', []],
    ['level-14-no-embeddings', []],
  ])('%s is opened with all of its content', async (name, steps) => {
    const path = unpack(name);
    const application = openAsApplication(path);
    const all = (sql: string) => application.prepare(sql).all();
    const contents = () => ({
      libraries: all('SELECT * FROM libraries ORDER BY id'),
      versions: all('SELECT * FROM versions ORDER BY id'),
      pages: all(
        'SELECT id, version_id, url, title, etag, last_modified, content_type, created_at, updated_at, depth FROM pages ORDER BY id',
      ),
      documents: all('SELECT * FROM documents ORDER BY id'),
      words: all('SELECT rowid, * FROM documents_fts ORDER BY rowid'),
      vectors: all('SELECT rowid, library_id, version_id, embedding FROM documents_vec ORDER BY rowid'),
    });
    const before = contents();

    const waiting = await openOn(path, { migrate: 'manual' });
    expect((await waiting.migrator.plan()).steps.map(({ id }) => id)).toEqual(steps);
    expect((await waiting.migrator.migrate({ dryRun: true })).applied).toEqual(steps);
    if (steps.length > 0) {
      await expect(waiting.apply([])).rejects.toMatchObject({ code: 'STORAGE_SCHEMA_OUTDATED' });
    }
    const progress: string[] = [];
    expect(await waiting.migrator.migrate({ onProgress: ({ step }) => progress.push(step) })).toMatchObject({
      to: 14,
      applied: steps,
      dryRun: false,
    });
    expect([...new Set(progress)]).toEqual(steps);
    expect(await waiting.migrator.status()).toEqual({ state: 'current', level: 14, latest: 14 });

    expect(contents()).toEqual(before);
    const { counts, schemaLevel, profile } = await waiting.inspect();
    expect(schemaLevel).toBe(14);
    expect(counts).toEqual({
      libraries: before.libraries.length,
      versions: before.versions.length,
      pages: before.pages.length,
      chunks: before.documents.length,
      vectors: before.vectors.length,
    });
    if (before.vectors.length === 0) expect(profile).toBeNull();
    else expect(profile).toMatchObject({ dimension: 512, metric: 'l2' });
    expect((await waiting.vectors.audit()).problems).toEqual([]);
    expect((await waiting.fts.audit()).problems).toEqual([]);
  });

  test.each(['level-11-undici', 'level-13-undici'])(
    '%s ends with the schema of a store written at 014',
    async (name) => {
      const path = unpack(name);
      await (await openOn(path)).migrator.migrate();
      const written = openAsApplication(unpack('level-14-three-libraries'));
      const migrated = openAsApplication(path);
      expect(even(schemaOf(migrated))).toEqual({
        ...even(schemaOf(written)),
        // The application has two ways of writing this statement itself.
        'table _schema_migrations': expect.any(String),
      });
      const ids = 'SELECT id FROM _schema_migrations ORDER BY id';
      expect(migrated.prepare(ids).all()).toEqual(written.prepare(ids).all());
    },
  );

  test('a new store has exactly the schema of one created by the application', async () => {
    const path = tempFile();
    const backend = await openOn(path);
    await backend.migrator.migrate();
    const made = openAsApplication(unpack('level-14-no-embeddings'));
    const created = openAsApplication(path);
    expect(schemaOf(created)).toEqual(schemaOf(made));
    const ids = 'SELECT id FROM _schema_migrations ORDER BY id';
    expect(created.prepare(ids).all()).toEqual(made.prepare(ids).all());

    await backend.vectors.reconcile({ model: 'openai:use-lite-512', dimension: 512 }, 'refuse');
    const withVectors = openAsApplication(unpack('level-14-three-libraries'));
    expect(schemaOf(created)).toEqual(schemaOf(withVectors));
    const metadata = 'SELECT key, value FROM metadata ORDER BY key';
    expect(created.prepare(metadata).all()).toEqual(withVectors.prepare(metadata).all());
  });

  test('the rankings equal those of the application id for id, rank for rank and score for score', async () => {
    const backend = await openOn(unpack('level-14-three-libraries'));
    const searches = goldenSearches('level-14-three-libraries.hybrid.json');
    expect(searches).toHaveLength(24);
    for (const search of searches) {
      const { library, version, text, limit, hits } = search;
      const { vector, fts, structural, rows } = await backend.candidates({
        versions: [{ library, version }],
        vector: { values: vectorOf(search) ?? new Float32Array(), limit: limit * 2 * 10 },
        fts: { terms: parseSearchText(text), limit: limit * 2 },
        fusion: { limit },
      });
      const found = fuse(vector, fts, new Set(structural))
        .slice(0, limit)
        .map(({ chunkId, score, vecRank, ftsRank }) => ({ chunkId, score, vecRank, ftsRank }));
      expect(found, text).toEqual(
        hits.map(({ id, score, vecRank, ftsRank }) => ({ chunkId: id, score, vecRank, ftsRank })),
      );
      expect(rows.map(({ id }) => id).sort()).toEqual(hits.map(({ id }) => id).sort());
    }
  });

  test('the full-text rankings equal those of the application, with their scores', async () => {
    const backend = await openOn(unpack('level-14-no-embeddings'));
    const searches = goldenSearches('level-14-no-embeddings.words.json');
    expect(searches).toHaveLength(6);
    for (const { library, version, text, limit, hits } of searches) {
      const found = await backend.fts.match({
        version: { library, version },
        terms: parseSearchText(text),
        limit,
        excludeStructural: true,
      });
      expect(found, text).toEqual(hits.map(({ id, score }) => ({ chunkId: id, score })));
    }
  });

  test('a store without a recorded model adopts one of its dimension, and refuses another dimension', async () => {
    const backend = await openOn(unpack('level-11-undici'), { migrate: 'auto' });
    expect(await backend.vectors.profile()).toEqual({ model: null, dimension: 512, metric: 'l2' });
    await expect(backend.vectors.reconcile({ model: 'm', dimension: 384 }, 'refuse')).rejects.toMatchObject({
      code: 'STORAGE_MODEL_CHANGED',
      message: expect.stringMatching(/512.*384/s),
    });
    expect(await backend.vectors.reconcile({ model: 'm', dimension: 512 }, 'refuse')).toMatchObject({
      outcome: 'adopted',
      vectorsDropped: 0,
    });
    expect(await backend.vectors.stats()).toEqual({ indexed: 193, without: 0, unusable: 0 });
  });

  test('a reset drops vectors and does not affect full-text search', async () => {
    const path = unpack('level-14-three-libraries');
    const backend = await openOn(path);
    const application = openAsApplication(path);
    const segments = () => application.prepare('SELECT * FROM documents_fts_data ORDER BY id').all();
    const schema = schemaOf(application);
    const before = segments();
    expect(await backend.vectors.reconcile({ model: 'other', dimension: 3 }, 'reset')).toMatchObject({
      outcome: 'reset',
      vectorsDropped: 573,
    });
    expect(segments()).toEqual(before);
    expect(even(schemaOf(application))).toEqual({
      ...even(schema),
      'table documents_vec': expect.stringContaining('FLOAT[3]'),
    });
    expect(await backend.vectors.stats()).toEqual({ indexed: 0, without: 573, unusable: 0 });
  });
});
