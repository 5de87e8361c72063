import { reembed, type StorageBackend } from '@switchyard/storage-core';
import Database from 'libsql';
import { describe, expect, it } from 'vitest';
import { chunk, fastify, openStore, page } from './support/store.js';
import { tempFile } from './support/temp.js';

const DIMENSION = 16;

function vectorOf(text: string, dimension: number): Float32Array {
  let seed = 7;
  for (const letter of text) seed = (seed * 31 + letter.charCodeAt(0)) % 10_007;
  return Float32Array.from({ length: dimension }, (_, at) => Math.sin(seed * 0.7 + at));
}

const embedderOf = (dimension: number) => ({
  model: 'new:model',
  dimension,
  available: true,
  limits: { maxTexts: 64, maxCharacters: 100_000 },
  embed: async (texts: readonly string[]) => texts.map((text) => vectorOf(text, dimension)),
});

async function filled(connection: string, pages = 20): Promise<StorageBackend> {
  const store = await openStore(connection);
  await store.vectors.reconcile({ model: 'old:model', dimension: DIMENSION }, 'refuse');
  for (let number = 0; number < pages; number++) {
    const chunks = Array.from({ length: 10 }, (_, at) => {
      const content = `zebra ${number} ${at}`;
      return chunk(content, { vector: vectorOf(content, DIMENSION) });
    });
    await store.apply([page(`/${number}`, chunks)]);
  }
  return store;
}

const nearest = (store: StorageBackend, dimension: number) =>
  store.vectors.nearest({ version: fastify, vector: vectorOf('a question', dimension), limit: 30 });

/** Statements of the schema by name, evened out: a table that was renamed has its name in quotes. */
function schemaOf(file: string): Record<string, string> {
  const database = new Database(file);
  const rows = database
    .prepare("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'")
    .all([]) as { name: string; sql: string }[];
  database.close();
  return Object.fromEntries(
    rows.map(({ name, sql }) => [name, sql.replaceAll('"', '').replaceAll(/\s+/g, ' ')]),
  );
}

describe('re-embedding', () => {
  it.each([DIMENSION, 24])(
    'reaches the codes that others hold in memory, with %i components',
    async (dimension) => {
      const file = tempFile();
      const store = await filled(file);
      const [reader, uncached] = [await openStore(file), await openStore(`${file}?vectorCacheMiB=0`)];
      const before = await nearest(reader, DIMENSION);
      expect(await nearest(uncached, DIMENSION)).toEqual(before);
      const { staging } = store;
      await staging?.begin({ model: 'new:model', dimension });
      expect(await nearest(reader, DIMENSION)).toEqual(before);
      await reembed(store, embedderOf(dimension));
      const after = await nearest(uncached, dimension);
      expect(after).toHaveLength(30);
      expect(after).not.toEqual(before);
      for (const from of [store, reader, await openStore(file)])
        expect(await nearest(from, dimension)).toEqual(after);
      expect((await reader.vectors.audit()).problems).toEqual([]);
      await store.apply([page('/late', [chunk('late', { vector: vectorOf('a question', dimension) })])]);
      expect((await nearest(reader, dimension))[0]?.distance).toBeLessThan(1e-6);
      expect((await reader.vectors.audit()).problems).toEqual([]);
    },
  );

  it('leaves the schema of a store created with the new model, and so does aborting', async () => {
    const fresh = tempFile();
    await (await openStore(fresh)).vectors.reconcile({ model: 'new:model', dimension: 24 }, 'refuse');
    const file = tempFile();
    const store = await filled(file, 1);
    const before = schemaOf(file);
    await store.staging?.begin({ model: 'new:model', dimension: 24 });
    expect(schemaOf(file)).not.toEqual(before);
    await store.staging?.abort();
    expect(schemaOf(file)).toEqual(before);
    await reembed(store, embedderOf(24));
    expect(schemaOf(file)).toEqual(schemaOf(fresh));
    await reembed(store, embedderOf(24), { force: true });
    expect(schemaOf(file)).toEqual(schemaOf(fresh));
  });

  it('does not change a store if the switch fails midway', async () => {
    const file = tempFile();
    const store = await filled(file, 2);
    const before = await nearest(store, DIMENSION);
    const other = new Database(file);
    // Something that only comes after the vectors were replaced.
    other.exec("CREATE TRIGGER fails BEFORE UPDATE ON switchyard_meta BEGIN SELECT RAISE(ABORT, 'no'); END");
    await expect(reembed(store, embedderOf(24))).rejects.toMatchObject({ code: 'STORAGE_CONSTRAINT' });
    expect(await nearest(store, DIMENSION)).toEqual(before);
    expect(await store.staging?.status()).toMatchObject({ staged: 20, total: 20 });
    other.exec('DROP TRIGGER fails');
    other.close();
    expect(await reembed(store, embedderOf(24))).toMatchObject({ resumed: 20, embedded: 0, vectors: 20 });
  });
});
