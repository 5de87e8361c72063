import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { LibsqlBackend } from '@switchyard/backend-libsql';
import { DocumentStore } from '@switchyard/storage-core';
import { afterEach, expect } from 'vitest';
import { unpackUntidyStore, vectorOf } from '../../../../tests/support/legacy-fixtures.js';
import {
  type GoldenSearch,
  goldenSearches,
  unpackLegacy,
} from '../../../backend-libsql/test/support/fixtures.js';
import { createStore } from '../../../backend-libsql/test/support/store.js';
import { tempFile } from '../../../backend-libsql/test/support/temp.js';

/** The five stores of the application. */
export const legacyStores = [
  'level-11-undici',
  'level-13-undici',
  'level-14-no-embeddings',
  'level-14-three-libraries',
  'level-14-untidy',
  'upgraded-from-008',
] as const;

/** Unpacks a store of the application, with its log when it has one. */
export function unpackStore(name: (typeof legacyStores)[number]): string {
  return name === 'level-14-untidy'
    ? unpackUntidyStore(tempFile('documents.db'))
    : unpackLegacy(`${name}.db.gz`);
}

/** Digests of a database file and of its log, unless that is empty. */
export function bytesOf(path: string): Record<string, string> {
  const files = [path, `${path}-wal`].filter(
    (file) => (statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 0,
  );
  return Object.fromEntries(
    files.map((file) => [file, createHash('sha256').update(readFileSync(file)).digest('hex')]),
  );
}

/** Names of the files in the folder of a file. */
export function namesBeside(path: string): string[] {
  return readdirSync(dirname(path)).sort();
}

const opened: LibsqlBackend[] = [];

afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
});

/**
 * Opens a converted store to compare it, and closes it after the test. Its long calls run in this process: a child for
 * each would take longer than the comparison.
 */
export async function openConverted(path: string): Promise<LibsqlBackend> {
  const store = new LibsqlBackend({ location: { type: 'file', path }, mustExist: true });
  opened.push(store);
  await store.open();
  return store;
}

/** Holds a converted store to the rankings of the application, id for id and rank for rank. */
export async function expectGolden(path: string, golden: string): Promise<number> {
  const documents = await DocumentStore.open({ backend: createStore(path, { mustExist: true }) });
  const searches = goldenSearches(golden);
  for (const search of searches) {
    const { library, version, text, limit, hits } = search;
    const hit = await documents.search(library, version, text, {
      limit,
      vector: vectorOf(search) ?? undefined,
    });
    expect(hit.map(({ id, url, vecRank, ftsRank }) => [id, url, vecRank ?? null, ftsRank ?? null])).toEqual(
      hits.map(({ id, url, vecRank, ftsRank }: GoldenSearch['hits'][number]) => [
        String(id),
        url,
        vecRank,
        ftsRank,
      ]),
    );
  }
  await documents.close();
  return searches.length;
}
