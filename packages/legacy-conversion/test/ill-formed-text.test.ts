import { readFileSync } from 'node:fs';
import { convertLegacyStore, LegacySource, planConversion } from '@switchyard/legacy-conversion';
import { copyStore, type StorageBackend, verifyStores } from '@switchyard/storage-core';
import Database from 'libsql';
import { describe, expect, it } from 'vitest';
import { watchBareColumns } from '../../backend-libsql/test/support/bare-columns.js';
import { haveFixtures, withoutFixtures } from '../../backend-libsql/test/support/fixtures.js';
import { openStore } from '../../backend-libsql/test/support/store.js';
import { tempFile } from '../../backend-libsql/test/support/temp.js';
import { convertHere } from '../src/convert.js';
import { planHere } from '../src/plan.js';
import { openConverted, unpackStore } from './support/legacy.js';

const bareColumns = watchBareColumns();

/** Bytes and what they read as: half an emoji as better-sqlite3 writes it, and what begins no sequence. */
const HALF = "CAST(x'61eda0bd' AS TEXT)";
const WRONG = "CAST(x'61ff' AS TEXT)";
const STORED = 'a\ufffd';

/** A store of the application in which bytes that are not UTF-8 stand in every text column. */
function damaged(): string {
  const file = unpackStore('level-14-three-libraries');
  const database = new Database(file);
  // Its triggers write the index of vectors, which this connection cannot.
  const triggers = database
    .prepare("SELECT '' || name AS name, CAST(sql AS BLOB) AS sql FROM sqlite_master WHERE type = 'trigger'")
    .all([]) as { name: string; sql: ArrayBuffer }[];
  for (const { name } of triggers) database.exec(`DROP TRIGGER ${name}`);
  database.exec(`
    UPDATE libraries SET name = ${WRONG}, created_at = ${WRONG} WHERE id = (SELECT min(id) FROM libraries);
    UPDATE libraries SET name = CAST(x'41fe' AS TEXT) WHERE id = (SELECT max(id) FROM libraries);
    UPDATE versions SET name = ${HALF}, error_message = ${WRONG}, source_url = ${HALF},
      scraper_options = CAST(x'7b2261223a22ff227d' AS TEXT), started_at = ${WRONG};
    UPDATE pages SET url = ${WRONG}, title = ${HALF}, etag = ${WRONG} WHERE id = (SELECT min(id) FROM pages);
    UPDATE pages SET url = CAST(x'61fe' AS TEXT) WHERE id = (SELECT min(id) + 1 FROM pages);
    UPDATE documents SET content = ${HALF} || ' zebra', created_at = ${WRONG}
      WHERE id = (SELECT min(id) FROM documents);
    UPDATE documents SET metadata = CAST(x'7b227479706573223a5b22ff225d2c226c6576656c223a312c2270617468223a5b22eda0bd225d7d' AS TEXT)
      WHERE id = (SELECT max(id) FROM documents)`);
  for (const { sql } of triggers) database.exec(Buffer.from(sql).toString());
  database.close();
  return file;
}

async function opened(file: string): Promise<StorageBackend> {
  const source = new LegacySource({ path: file });
  await source.open();
  return source;
}

describe.skipIf(!haveFixtures)(`a legacy store with text that is not UTF-8${withoutFixtures}`, () => {
  it('is converted to well-formed text, and every row and column is reported, by a plan too', async () => {
    const legacy = damaged();
    const plan = await planConversion({
      source: legacy,
      target: { type: 'file', path: tempFile('plan.db') },
    });
    const target = tempFile('converted.db');
    const result = await convertLegacyStore({ source: legacy, target: { type: 'file', path: target } });
    expect(result.verification).toMatchObject({ equal: true });

    const ofTexts = ({ problemCounts }: typeof plan | typeof result) => [
      problemCounts['text-ill-formed'],
      problemCounts['text-numbered'],
      problemCounts['fts-differ'] ?? 0,
    ];
    expect(ofTexts(plan)).toEqual(ofTexts(result));
    expect(result.problemCounts['text-numbered']).toBe(2);
    const report = readFileSync(result.report as string, 'utf8')
      .trim()
      .split('\n');
    const problems = report.map((line) => JSON.parse(line) as Record<string, unknown>);
    for (const [table, column] of [
      ['libraries', 'name'],
      ['libraries', 'created_at'],
      ['versions', 'name'],
      ['versions', 'error_message'],
      ['versions', 'source_url'],
      ['versions', 'scraper_options'],
      ['versions', 'started_at'],
      ['pages', 'url'],
      ['pages', 'title'],
      ['pages', 'etag'],
      ['documents', 'content'],
      ['documents', 'created_at'],
      ['documents', 'metadata'],
    ]) {
      expect(problems).toContainEqual(
        expect.objectContaining({
          kind: 'text-ill-formed',
          table,
          column,
          id: expect.any(Number),
          detail: expect.stringContaining('U+FFFD'),
        }),
      );
    }
  });

  it('reads the same before and after, in every column', async () => {
    const legacy = damaged();
    const target = tempFile('converted.db');
    await convertLegacyStore({ source: legacy, target: { type: 'file', path: target } });
    const [source, store] = [await opened(legacy), await openConverted(target)];
    const { differences } = await verifyStores(source, store, { deep: true, searches: 0 });
    expect(differences).toEqual([]);
    expect((await store.catalog.libraries()).map(({ name }) => name)).toEqual(
      expect.arrayContaining([STORED, `${STORED}-2`]),
    );
    for (const backend of [source, store]) {
      for (const library of [STORED, `${STORED}-2`]) {
        const { library: find } = backend.catalog;
        expect((await find.call(backend.catalog, { library }))?.name).toBe(library);
      }
      const [version] = await backend.catalog.versions({ library: STORED });
      expect(version).toMatchObject({ name: 'a\ufffd\ufffd\ufffd', library: STORED });
      const pages = await backend.catalog.pages({ versionId: version?.id ?? 0 });
      for (const url of [STORED, `${STORED}-2`]) {
        const id = pages.find((page) => page.url === url)?.id;
        const ref = { version: { library: STORED, version: 'a\ufffd\ufffd\ufffd' }, url };
        expect((await backend.catalog.page(ref))?.id).toBe(id ?? 'missing');
        expect((await backend.catalog.chunksByUrl(ref.version, url))[0]?.url).toBe(url);
      }
    }
    await source.close();
  });

  it('is found by full-text search in the converted store', async () => {
    const legacy = damaged();
    const target = tempFile('converted.db');
    await convertLegacyStore({ source: legacy, target: { type: 'file', path: target } });
    const store = await openStore(target, { mustExist: true });
    const version = { library: STORED, version: 'a\ufffd\ufffd\ufffd' };
    const [hit] = await store.fts.match({ version, terms: ['zebra'], limit: 1 });
    const [chunk] = await store.catalog.chunks([hit?.chunkId ?? 1]);
    expect(chunk?.content).toBe('a\ufffd\ufffd\ufffd zebra');
    expect((await store.fts.audit()).problems).toEqual([]);
  });

  it('is copied as the same well-formed text', async () => {
    const source = await opened(damaged());
    const store = await openStore();
    await copyStore(source, store, { metric: 'l2' });
    const { differences } = await verifyStores(source, store, { deep: true, searches: 0 });
    expect(differences).toEqual([]);
    await source.close();
  });

  it('is converted by statements that never return text as text', async () => {
    const legacy = damaged();
    await planHere({ source: legacy, target: { type: 'file', path: tempFile('plan.db') } });
    await convertHere({ source: legacy, target: { type: 'file', path: tempFile('converted.db') } });
    expect(bareColumns()).toEqual([]);
  });

  it('with an id beyond 2^53 is refused with table and id', async () => {
    for (const table of ['libraries', 'versions', 'pages', 'documents']) {
      const legacy = unpackStore('level-14-no-embeddings');
      const database = new Database(legacy);
      database.exec('PRAGMA foreign_keys = OFF');
      const triggers = database
        .prepare("SELECT '' || name AS name FROM sqlite_master WHERE type = 'trigger'")
        .all([]) as {
        name: string;
      }[];
      for (const { name } of triggers) database.exec(`DROP TRIGGER ${name}`);
      database.exec(`UPDATE ${table} SET id = 9007199254740993 WHERE id = (SELECT max(id) FROM ${table})`);
      database.close();
      const expected = { code: 'STORAGE_CORRUPT', details: { table, id: '9007199254740993' } };
      const target = { type: 'file', path: tempFile('converted.db') } as const;
      await expect(planConversion({ source: legacy, target })).rejects.toMatchObject(expected);
      await expect(convertLegacyStore({ source: legacy, target })).rejects.toMatchObject(expected);
      await expect(opened(legacy)).rejects.toMatchObject(expected);
    }
  });
});
