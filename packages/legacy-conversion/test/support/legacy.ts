import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { DocumentStore } from '@switchyard/storage-core';
import { expect } from 'vitest';
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
  return name === 'level-14-untidy' ? unpackUntidy() : unpackLegacy(`${name}.db.gz`);
}

function unpackUntidy(): string {
  const path = tempFile('documents.db');
  const folder = join(import.meta.dirname, '../../../../../shared/fixtures/legacy');
  const tar = gunzipSync(readFileSync(join(folder, 'level-14-untidy.tar.gz')));
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0; ) {
    const name = tar.toString('latin1', at, at + 100).replace(/\0.*$/s, '');
    const size = Number.parseInt(tar.toString('latin1', at + 124, at + 136), 8);
    const base = name.split('/').at(-1) ?? '';
    if (base.startsWith('documents.db'))
      writeFileSync(join(dirname(path), base), tar.subarray(at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return path;
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

/** Holds a converted store to the rankings of the application, id for id and rank for rank. */
export async function expectGolden(path: string, golden: string): Promise<number> {
  const documents = await DocumentStore.open({ backend: createStore(path, { mustExist: true }) });
  const searches = goldenSearches(golden);
  for (const { library, version, text, limit, vector, hits } of searches) {
    const hit = await documents.search(library, version, text, {
      limit,
      ...(vector === null || vector === undefined ? {} : { vector: toVector(vector) }),
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

function toVector(base64: string): Float32Array {
  return new Float32Array(new Uint8Array(Buffer.from(base64, 'base64')).buffer);
}
