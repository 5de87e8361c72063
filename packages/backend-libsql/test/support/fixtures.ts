import { SqlCatalog } from '@switchyard/sqlite-common';
import type { Mutation } from '@switchyard/storage-core';
import { type Catalog, toMutation } from '@switchyard/storage-core/backend';
import Database from 'libsql';
import { unpackLegacyStore } from '../../../../tests/support/legacy-fixtures.js';
import { LibsqlDriver } from '../../src/driver/libsql-driver.js';
import { tempFile } from './temp.js';

export {
  fixturesNote as withoutFixtures,
  type GoldenSearch,
  goldenSearches,
  haveFixtures,
} from '../../../../tests/support/legacy-fixtures.js';

/** Unpacks a legacy store, such as `level-11-undici.db.gz`, into a temporary folder. */
export function unpackLegacy(name: string): string {
  return unpackLegacyStore(name.replace(/\.db\.gz$/, ''), tempFile(name.replace(/\.gz$/, '')));
}

/** Reads a legacy store as writes that make another store equal to it, ids included. */
export async function legacyWrites(name: string): Promise<Mutation[]> {
  const file = unpackLegacy(name);
  const driver = new LibsqlDriver({ location: file, connect: () => new Database(file) });
  const catalog: Catalog = new SqlCatalog({
    run: async (_, work) => work(),
    driver: () => driver,
    vectorsOfPages: (pageIds) =>
      new Map(
        driver
          .all<{ id: number; embedding: Uint8Array }>(
            `SELECT id, CAST(embedding AS BLOB) AS embedding FROM documents
             WHERE embedding IS NOT NULL AND page_id IN (SELECT value FROM json_each(?1))`,
            [JSON.stringify(pageIds)],
          )
          .map(({ id, embedding }) => [
            id,
            new Float32Array(JSON.parse(Buffer.from(embedding).toString()) as number[]),
          ]),
      ),
  });
  try {
    const libraries = await catalog.libraries();
    const writes: Mutation[] = [];
    for (const { version } of await catalog.overview()) {
      const library = libraries.find(({ id }) => id === version.libraryId);
      if (library === undefined) throw new Error(`Version ${version.id} has no library.`);
      writes.push({ kind: 'putVersion', library, version });
      const pages = await catalog.snapshot({ version: { versionId: version.id }, limit: 100_000 });
      writes.push(...pages.map(toMutation));
    }
    return writes;
  } finally {
    driver.close();
  }
}
