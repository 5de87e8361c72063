import type { SqliteDriver } from '@switchyard/sqlite-common';
import type { StorageBackend } from '@switchyard/storage-core';
import type { VectorQuery } from '@switchyard/storage-core/backend';
import { describe, expect, it } from 'vitest';
import { toBlob } from '../src/vectors/blob.js';
import { bumpGeneration } from '../src/vectors/generations.js';
import { readSearchState } from '../src/vectors/search-state.js';
import { UnchangedSearch } from '../src/vectors/unchanged-search.js';
import { bruteForce } from './support/brute-force.js';
import { nobody, Reader } from './support/reader.js';
import { chunk, openStore, page } from './support/store.js';
import { tempFile } from './support/temp.js';

const DIMENSION = 8;
const version = { library: 'l', version: '1' } as const;

function random(dimension = DIMENSION): Float32Array {
  return Float32Array.from({ length: dimension }, () => Math.random() - 0.5);
}

function below(limit: number): number {
  return Math.floor(Math.random() * limit);
}

/** A page of chunks with ids of its own, which come back with other vectors. */
function pageOf(at: number, dimension = DIMENSION) {
  const chunks = Array.from({ length: 1 + below(8) }, (_, i) =>
    chunk(`${i}`, { id: at * 10 + i + 1, vector: random(dimension) }),
  );
  return page(`https://a/${at}`, chunks, version);
}

async function storeAt(file: string): Promise<StorageBackend> {
  const store = await openStore(file);
  await store.vectors.reconcile({ model: 'm', dimension: DIMENSION, metric: 'l2' }, 'refuse');
  await store.apply(Array.from({ length: 6 }, (_, at) => pageOf(at)));
  return store;
}

describe('a search as if nothing had changed', () => {
  it('is no other than one in a transaction, whatever another connection wrote in between', async () => {
    const file = tempFile();
    const writer = await storeAt(file);
    const searcher = await openStore(file);
    const judge = new Reader(file);
    let dimension = DIMENSION;
    for (let round = 0; round < 120; round++) {
      const dice = below(12);
      if (dice === 0) await writer.apply([{ kind: 'removeVersion', version }, pageOf(1, dimension)]);
      else if (dice === 1) await writer.apply([{ kind: 'deletePages', version }]);
      else if (dice === 2) {
        dimension = 3 + below(9);
        const metric = below(2) === 0 ? 'l2' : 'cosine';
        await writer.vectors.reconcile({ model: `m${round}`, dimension, metric }, 'reset');
        await writer.apply([pageOf(0, dimension)]);
      } else await writer.apply([pageOf(below(6), dimension)]);
      for (let search = below(6); search >= 0; search--) {
        const vector = random(dimension);
        const limit = 1 + below(12);
        const [{ id } = { id: -1 }] = judge.driver.all<{ id: number }>(
          "SELECT versions.id FROM versions JOIN libraries ON libraries.id = library_id WHERE libraries.name = 'l'",
        );
        const expected = bruteForce(judge.driver, judge.profile, id, vector, limit);
        expect(await searcher.vectors.nearest({ version, vector, limit })).toEqual(expected);
        const byId = { version: { versionId: id }, vector, limit };
        if (id !== -1) expect(await searcher.vectors.nearest(byId)).toEqual(expected);
      }
    }
    expect((await searcher.inspect()).vectorCache?.hits).toBeGreaterThan(100);
    judge.close();
  });

  it.each([
    ['nothing', () => undefined, true],
    [
      'a vector',
      (driver: SqliteDriver) =>
        driver.transaction(() => {
          const bytes = toBlob(random());
          driver.run('UPDATE document_vectors SET embedding = ?1 WHERE document_id = 1', [bytes]);
          bumpGeneration(driver, 1);
        }),
      false,
    ],
    [
      'the name of the version',
      (driver: SqliteDriver) => driver.run("UPDATE versions SET name = '2' WHERE id = 1"),
      false,
    ],
    [
      'the metric',
      (driver: SqliteDriver) =>
        driver.run("UPDATE switchyard_meta SET value = 'cosine' WHERE key = 'embedding_metric'"),
      false,
    ],
  ] as const)(
    'answers after the scan of the codes only if nothing changed: %s',
    async (_, change, answers) => {
      const file = tempFile();
      await (await storeAt(file)).close();
      const reader = new Reader(file, { fallback: nobody });
      const other = new Reader(file);
      const query: VectorQuery = { version, vector: random(), limit: 5 };
      const atFetch: Pick<SqliteDriver, 'first'> = {
        first: (sql, parameters) => {
          change(other.driver);
          return reader.driver.first(sql, parameters);
        },
      };
      const unchanged = new UnchangedSearch({ ...reader.driver, ...atFetch } as SqliteDriver, reader.cache);
      reader.check(1, query.vector, query.limit);
      const expected = bruteForce(reader.driver, reader.profile, 1, query.vector, query.limit);
      for (let search = 0; search < 2; search++) {
        // Seen once is not yet settled.
        expect(unchanged.search(query)).toBeNull();
        unchanged.remember(query, readSearchState(reader.driver, version));
      }
      expect(unchanged.search(query)).toEqual(answers ? expected : null);
      // A wrong result is not tried again before it was seen again.
      expect(unchanged.search(query)).toEqual(answers ? expected : null);
      other.close();
      reader.close();
    },
  );
});
