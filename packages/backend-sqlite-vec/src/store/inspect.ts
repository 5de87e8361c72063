import { statSync } from 'node:fs';
import { realPath, type SqliteDriver } from '@switchyard/sqlite-common';
import type { BackendReport } from '@switchyard/storage-core';
import { readLevel } from '../schema/migrate.js';
import { countIndexedChunks } from '../vectors/contents.js';
import { readProfile } from '../vectors/profile.js';

const selectCounts = `
SELECT
  (SELECT count(*) FROM libraries) AS libraries,
  (SELECT count(*) FROM versions) AS versions,
  (SELECT count(*) FROM pages) AS pages,
  (SELECT count(*) FROM documents) AS chunks`;

/** octet_length() determines the size of a value without reading it. */
const selectBytes = `
SELECT
  (SELECT coalesce(sum(octet_length(content) + octet_length(metadata)), 0) FROM documents) AS chunks,
  (SELECT coalesce(sum(octet_length(embedding)), 0) FROM documents) AS embeddings,
  (SELECT coalesce(sum(octet_length(vectors)), 0) FROM documents_vec_vector_chunks00) AS vectors,
  (SELECT coalesce(sum(octet_length(block)), 0) FROM documents_fts_data)
    + (
      SELECT coalesce(sum(octet_length(concat(c0, c1, c2, c3))), 0)
      FROM documents_fts_content
    ) AS fullText`;

const selectEngine = `
SELECT sqlite_version() AS sqlite, vec_version() AS vec`;

/** Content part of `inspect`. */
export function inspectStore(
  driver: SqliteDriver,
  path: string | null,
): Pick<BackendReport, 'engine' | 'schemaLevel' | 'counts' | 'profile' | 'bytes'> {
  return driver.readTransaction(() => {
    const counts = driver.first<Omit<BackendReport['counts'], 'vectors'>>(selectCounts);
    const bytes = driver.first<Record<string, number>>(selectBytes);
    const engine = driver.first<{ sqlite: string; vec: string }>(selectEngine);
    if (counts === undefined || bytes === undefined || engine === undefined) {
      throw new TypeError('A SELECT of constants gave no row.');
    }
    return {
      engine: { name: 'better-sqlite3', version: `SQLite ${engine.sqlite}, sqlite-vec ${engine.vec}` },
      schemaLevel: readLevel(driver) ?? 0,
      counts: { ...counts, vectors: countIndexedChunks(driver) },
      profile: readProfile(driver),
      bytes: path === null ? bytes : { file: sizeOf(path), wal: sizeOf(`${realPath(path)}-wal`), ...bytes },
    };
  });
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
