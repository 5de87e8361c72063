import { statSync } from 'node:fs';
import { realPath, type SqliteDriver, textOf } from '@switchyard/sqlite-common';
import type { BackendReport } from '@switchyard/storage-core';
import { readSchemaState } from '../schema/state.js';
import { readProfile } from '../vectors/profile.js';

const COUNTS = `
  SELECT
    (SELECT count(*) FROM libraries) AS libraries,
    (SELECT count(*) FROM versions) AS versions,
    (SELECT count(*) FROM pages) AS pages,
    (SELECT count(*) FROM documents) AS chunks`;

const COUNT_VECTORS = `
  SELECT count(*) AS n FROM document_vectors`;

const ENGINE = `
  SELECT ${textOf('sqlite_version()', 'sqlite', 'sqlite.version')}`;

const PART_OF_TABLE = `
    CASE
      WHEN sqlite_master.tbl_name = 'documents' THEN 'chunks'
      WHEN sqlite_master.tbl_name = 'document_vectors' THEN 'vectors'
      WHEN sqlite_master.tbl_name LIKE 'neighbour%' THEN 'annIndexes'
      WHEN sqlite_master.tbl_name = 'vector_codes' THEN 'vectorCodes'
      WHEN sqlite_master.tbl_name LIKE 'documents\\_fts\\_%' ESCAPE '\\' THEN 'fullText'
      ELSE 'other'
    END`;

const BYTES_BY_TABLE = `
  SELECT
    ${textOf(PART_OF_TABLE, 'part', 'sqlite_master.tbl_name')},
    sum(dbstat.pgsize) AS bytes
  FROM dbstat
  LEFT JOIN sqlite_master ON sqlite_master.name = dbstat.name
  WHERE dbstat.aggregate = TRUE
  GROUP BY 1`;

/** Returns the content part of a backend report. */
export function inspectStore(
  driver: SqliteDriver,
  path: string | undefined,
): Pick<BackendReport, 'engine' | 'schemaLevel' | 'counts' | 'profile' | 'bytes'> {
  return driver.readTransaction(() => {
    const profile = readProfile(driver);
    const counts = driver.first<Omit<BackendReport['counts'], 'vectors'>>(COUNTS);
    const engine = driver.first<{ sqlite: string }>(ENGINE);
    if (counts === undefined || engine === undefined) throw new TypeError('A SELECT of counts gave no row.');
    const vectors = profile === null ? 0 : (driver.first<{ n: number }>(COUNT_VECTORS)?.n ?? 0);
    return {
      engine: { name: 'libSQL', version: `SQLite ${engine.sqlite}` },
      schemaLevel: readSchemaState(driver).level ?? 0,
      counts: { ...counts, vectors },
      profile,
      bytes: { ...fileBytes(path), ...tableBytes(driver) },
    };
  });
}

function fileBytes(path: string | undefined): Record<string, number> {
  return path === undefined ? {} : { file: sizeOf(path), wal: sizeOf(`${realPath(path)}-wal`) };
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function tableBytes(driver: SqliteDriver): Record<string, number> {
  const rows = driver.all<{ part: string; bytes: number }>(BYTES_BY_TABLE);
  return Object.fromEntries(rows.map(({ part, bytes }) => [part, bytes]));
}
