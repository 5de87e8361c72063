import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { SqlCatalog } from '@switchyard/sqlite-common';
import type { Mutation } from '@switchyard/storage-core';
import { type Catalog, toMutation } from '@switchyard/storage-core/backend';
import Database from 'libsql';
import { LibsqlDriver } from '../../src/driver/libsql-driver.js';
import { tempFile } from './temp.js';

const folder = join(import.meta.dirname, '../../../../../shared/fixtures');

/** True if the stores and rankings of the legacy application are next to the repository. */
export const haveFixtures = existsSync(folder);

/** Suffix of titles of skipped tests; empty if {@link haveFixtures} is true. */
export const withoutFixtures = haveFixtures ? '' : ' (skipped: ../shared/fixtures is missing)';

/** One search of the legacy application and what it found. */
export interface GoldenSearch {
  readonly library: string;
  readonly version: string;
  readonly text: string;
  readonly limit: number;
  readonly vector: string | null;
  readonly hits: readonly {
    readonly id: number;
    readonly url: string;
    readonly score: number;
    readonly vecRank: number | null;
    readonly ftsRank: number | null;
  }[];
}

/** The searches of a golden file. */
export function goldenSearches(name: string): readonly GoldenSearch[] {
  return Object.values(JSON.parse(readFileSync(join(folder, 'golden', name), 'utf8')) as GoldenSearch[]);
}

/** Unpacks a legacy store into a temporary folder. */
export function unpackLegacy(name: string): string {
  const file = tempFile(name.replace(/\.gz$/, ''));
  writeFileSync(file, gunzipSync(readFileSync(join(folder, 'legacy', name))));
  return file;
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
