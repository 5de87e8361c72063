import { bytes, decodeLenient, type SqliteDriver, text } from '@switchyard/sqlite-common';
import { isStorageError } from '@switchyard/storage-core';
import { lastKey } from '@switchyard/storage-core/backend';
import type { ProblemSink } from '../problems.js';

/** Number of chunks indexed per step. */
const STEP = 2000;

const DECLARATION = `
  SELECT ${text('sqlite_master.sql')} FROM legacy.sqlite_master WHERE type = 'table' AND name = 'documents_fts'`;

const FORMAT = `
  SELECT ${text('documents_fts_config.v', { as: 'version' })} FROM legacy.documents_fts_config WHERE k = 'version'`;

const MISSING = `
  SELECT id FROM documents WHERE id NOT IN (SELECT id FROM legacy.documents_fts_docsize) ORDER BY id`;

const ORPHANS = `
  SELECT id FROM legacy.documents_fts_docsize WHERE id NOT IN (SELECT id FROM legacy.documents) ORDER BY id`;

/** Compares the path separately, because engines may write the same JSON differently. */
const DIFFERENT = `
  SELECT
    texts.id,
    (stored.c0 IS NOT texts.content OR stored.c1 IS NOT texts.title OR stored.c2 IS NOT texts.url) AS words
  FROM documents_text AS texts
  JOIN legacy.documents_fts_content AS stored ON stored.id = texts.id
  WHERE stored.c0 IS NOT texts.content
    OR stored.c1 IS NOT texts.title
    OR stored.c2 IS NOT texts.url
    OR stored.c3 IS NOT texts.path
  ORDER BY texts.id`;

const STORED_TEXTS = `
  SELECT ${bytes('c0', 'content')}, ${bytes('c1', 'title')}, ${bytes('c2', 'url')}
  FROM legacy.documents_fts_content
  WHERE id = ?1`;

const TEXTS = `
  SELECT
    ${text('documents_text.content')},
    ${text('documents_text.title')},
    ${text('documents_text.url')}
  FROM documents_text
  WHERE documents_text.id = ?1`;

const COUNTS = `
  SELECT
    (SELECT count(*) FROM documents) AS chunks,
    (SELECT count(*) FROM legacy.documents_fts_docsize) AS sizes,
    (SELECT count(*) FROM legacy.documents_fts_content) AS texts`;

/** A new index has two rows that describe an empty one; segments and statistics come from the old index. */
const COPY = `
  DELETE FROM main.documents_fts_data;
  INSERT INTO main.documents_fts_data (id, block) SELECT id, block FROM legacy.documents_fts_data;
  INSERT INTO main.documents_fts_idx (segid, term, pgno) SELECT segid, term, pgno FROM legacy.documents_fts_idx;
  INSERT INTO main.documents_fts_docsize (id, sz) SELECT id, sz FROM legacy.documents_fts_docsize`;

/** Reads the whole index and fails if it contradicts itself. */
const CHECK = `
  INSERT INTO main.documents_fts (documents_fts, rank) VALUES ('integrity-check', 0)`;

const CLEAR = `
  INSERT INTO main.documents_fts (documents_fts) VALUES ('delete-all')`;

const NEXT = `
  SELECT min(id) AS id FROM main.documents WHERE id > ?1`;

const INDEX = `
  INSERT INTO main.documents_fts (rowid, content, title, url, path)
  SELECT id, content, title, url, path
  FROM main.documents_text
  WHERE id >= ?1 AND id < ?2
  ORDER BY id`;

/**
 * Reports missing, superfluous and different entries of the legacy store's full-text index.
 *
 * @returns True if the index is the one that these texts produce, in a format that this engine writes too.
 */
export function findFtsFaults(driver: SqliteDriver, problem: ProblemSink): boolean {
  const table = 'documents_fts' as const;
  for (const { id } of driver.all<{ id: number }>(MISSING)) {
    const detail = 'The chunk is missing from the full-text index. It is found from now on.';
    problem({ kind: 'fts-missing', table, id, detail });
  }
  for (const { id } of driver.all<{ id: number }>(ORPHANS)) {
    problem({
      kind: 'fts-orphan',
      table,
      id,
      detail: 'The full-text index has an entry without a chunk. It is omitted.',
    });
  }
  const different = driver.all<{ id: number; words: number }>(DIFFERENT);
  for (const { id, words } of different) {
    if (words === 0 || isReplaced(driver, id)) continue;
    const detail = 'The full-text entry differs from the chunk and its page. It is rebuilt.';
    problem({ kind: 'fts-differ', table, id, detail });
  }
  const { chunks, sizes, texts } = driver.first<Record<'chunks' | 'sizes' | 'texts', number>>(COUNTS) ?? {};
  return different.length === 0 && chunks === sizes && chunks === texts && isSameFormat(driver);
}

/** Returns true if the full-text index has the texts of a chunk before the replacement of ill-formed parts. */
function isReplaced(driver: SqliteDriver, id: number): boolean {
  const row = driver.first<Record<'content' | 'title' | 'url', Uint8Array | null>>(STORED_TEXTS, [id]);
  const texts = driver.first<Record<'content' | 'title' | 'url', string | null>>(TEXTS, [id]);
  return (['content', 'title', 'url'] as const).every((column) => {
    const stored = row?.[column] ?? null;
    const text = texts?.[column] ?? null;
    return stored === null || text === null ? stored === text : decodeLenient(stored) === text;
  });
}

/**
 * Copies the index unchanged, without its copy of the texts, which the new store does not keep. Must run in a
 * transaction.
 *
 * @returns True if the index is sound; otherwise call {@link clearFtsIndex} and rebuild it.
 */
export function copyFtsIndex(driver: SqliteDriver): boolean {
  driver.exec(COPY);
  try {
    driver.run(CHECK);
    return true;
  } catch (error) {
    if (isStorageError(error, 'STORAGE_CORRUPT')) return false;
    throw error;
  }
}

/** Empties the index. */
export function clearFtsIndex(driver: SqliteDriver): void {
  driver.run(CLEAR);
}

/**
 * Indexes the text of the next chunks.
 *
 * @returns The id to continue after, and their number; null after the last chunk.
 */
export function indexTexts(driver: SqliteDriver, after: number): { after: number; rows: number } | null {
  const first = driver.first<{ id: number | null }>(NEXT, [after])?.id ?? null;
  if (first === null) return null;
  lastKey([first], after, 'chunks');
  const { changes } = driver.run(INDEX, [first, first + STEP]);
  return { after: first + STEP - 1, rows: changes };
}

function isSameFormat(driver: SqliteDriver): boolean {
  const declaration = driver.first<{ sql: string }>(DECLARATION)?.sql ?? '';
  const plain = declaration
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ ?([(),=]) ?/g, '$1')
    .toLowerCase();
  const expected = "using fts5(content,title,url,path,tokenize='porter unicode61')";
  const version = driver.first<{ version: unknown }>(FORMAT)?.version;
  return plain.trim().endsWith(expected) && Number(version) === 4;
}
