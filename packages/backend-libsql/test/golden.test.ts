import { readFileSync } from 'node:fs';
import { DocumentStore, parseSearchText } from '@switchyard/storage-core';
import { fuse } from '@switchyard/storage-core/backend';
import Database from 'libsql';
import { describe, expect, it } from 'vitest';
import {
  goldenSearches,
  haveFixtures,
  legacyWrites,
  unpackLegacy,
  withoutFixtures,
} from './support/fixtures.js';
import { openStore } from './support/store.js';
import { tempFile } from './support/temp.js';

describe.skipIf(!haveFixtures)(`golden rankings${withoutFixtures}`, () => {
  it.each([
    ['with codes in memory', ''],
    ['by the engine alone', '?vectorCacheMiB=0&ftsCacheMiB=0'],
  ])(
    'finds what the legacy store found, id for id and rank for rank: 24 hybrid searches, %s',
    async (_, options) => {
      const store = await openStore(`${tempFile()}${options}`);
      await store.vectors.reconcile({ model: 'openai:use-lite-512', dimension: 512, metric: 'l2' }, 'refuse');
      await store.apply(await legacyWrites('level-14-three-libraries.db.gz'));

      const documents = await DocumentStore.open({ backend: store });

      const searches = goldenSearches('level-14-three-libraries.hybrid.json');
      expect(searches).toHaveLength(24);
      for (const { library, version, text, limit, vector, hits } of searches) {
        const values = new Float32Array(new Uint8Array(Buffer.from(vector ?? '', 'base64')).buffer);
        const request = {
          versions: [{ library, version }],
          vector: { values, limit: limit * 2 * 10 },
          fts: { terms: parseSearchText(text), limit: limit * 2 },
          fusion: { limit },
        };
        const candidates = await store.candidates?.(request);
        if (candidates === undefined) throw new Error('The backend has no candidates().');
        const fused = fuse(candidates.vector, candidates.fts, new Set(candidates.structural)).slice(0, limit);
        expect(fused.map(({ chunkId, vecRank, ftsRank }) => [chunkId, vecRank, ftsRank])).toEqual(
          hits.map(({ id, vecRank, ftsRank }) => [id, vecRank, ftsRank]),
        );
        for (const [index, { score }] of fused.entries()) {
          expect(score).toBeCloseTo(hits[index]?.score ?? Number.NaN, 12);
        }
        const whole = await documents.search(library, version, text, { limit, vector: values });
        expect(whole.map(({ id, url }) => [id, url])).toEqual(hits.map(({ id, url }) => [String(id), url]));
      }
    },
  );

  it('finds what the legacy store found by words alone: 6 searches', async () => {
    const store = await openStore(tempFile());
    await store.apply(await legacyWrites('level-14-no-embeddings.db.gz'));
    const documents = await DocumentStore.open({ backend: store });
    const searches = goldenSearches('level-14-no-embeddings.words.json');
    expect(searches).toHaveLength(6);
    for (const { library, version, text, limit, hits } of searches) {
      const found = await documents.search(library, version, text, { limit });
      expect(found.map(({ id, url, ftsRank }) => [id, url, ftsRank])).toEqual(
        hits.map(({ id, url, ftsRank }) => [String(id), url, ftsRank]),
      );
      expect(found.map(({ score }) => score)).toEqual(hits.map(({ score }) => score));
    }
  });

  it('computes bm25 like the legacy table, which has its own copy of the texts, bit for bit', async () => {
    const legacy = new Database(unpackLegacy('level-14-three-libraries.db.gz'));
    const file = tempFile();
    const store = await openStore(file);
    await store.vectors.reconcile({ model: 'openai:use-lite-512', dimension: 512, metric: 'l2' }, 'refuse');
    await store.apply(await legacyWrites('level-14-three-libraries.db.gz'));
    // Deleting and writing again must not leave a trace in the statistics that bm25 is made of.
    await store.apply(await legacyWrites('level-14-three-libraries.db.gz'));
    await store.close();

    const copy = new Database(file);
    const rows = (database: Database.Database, word: string): unknown[] =>
      database
        .prepare(
          `SELECT rowid AS id, bm25(documents_fts, 10, 1, 5, 1) AS score
           FROM documents_fts WHERE documents_fts MATCH ? ORDER BY rowid`,
        )
        .all([`"${word}"`]);
    for (const word of ['plugin', 'request', 'the', 'stream', 'log', 'http', 'docs', 'options']) {
      const expected = rows(legacy, word);
      expect(expected.length).toBeGreaterThan(0);
      expect(rows(copy, word)).toEqual(expected);
    }
    legacy.close();
    copy.close();
  });

  it('refuses a legacy store and does not change its file', async () => {
    const file = unpackLegacy('level-14-three-libraries.db.gz');
    const before = readFileSync(file);
    await expect(openStore(file)).rejects.toMatchObject({
      code: 'STORAGE_SCHEMA_UNSUPPORTED',
      message: expect.stringMatching(/sqlite-vec/),
    });
    expect(readFileSync(file).equals(before)).toBe(true);
  });
});
