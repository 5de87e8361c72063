import type { PlainDatabase } from '../harness/plain-sqlite.js';
import { digest } from './answers.js';
import { LEGACY_CHUNKS_OF_PAGE, LEGACY_VECTORS, LEGACY_WORDS } from './legacy/plain-statements.js'; // @legacy
import { type Kind, LIMIT, type Question } from './types.js';

/** The joins and order of the product's own query: another query plan reads other indexes, which may be sound. */
const OVERVIEW = `
WITH indexed AS (
  SELECT pages.version_id, count(*) AS chunks
  FROM pages
  JOIN documents ON documents.page_id = pages.id
  GROUP BY pages.version_id
)
SELECT libraries.name, ifnull(versions.name, '') AS version, versions.status, coalesce(indexed.chunks, 0) AS chunks,
  (SELECT count(*) FROM pages WHERE pages.version_id = versions.id) AS urls
FROM versions
JOIN libraries ON libraries.id = versions.library_id
LEFT JOIN indexed ON indexed.version_id = versions.id
ORDER BY lower(libraries.name), lower(coalesce(versions.name, '')), versions.id`;

const PAGES = `SELECT id, url, title FROM pages WHERE version_id = ? ORDER BY id`;

/** Version, page and chunks are found one after the other, as by the product. */
const VERSION = `
SELECT versions.id
FROM libraries
JOIN versions ON versions.library_id = libraries.id
WHERE lower(libraries.name) = ?1
  AND (lower(versions.name) = ?2 OR (versions.name IS NULL AND ?2 = ''))
ORDER BY libraries.name = ?1 DESC, versions.name = ?2 DESC, libraries.id, versions.id
LIMIT 1`;

const PAGE = `SELECT id FROM pages WHERE version_id = ? AND url = ?`;

const CHUNKS = `
SELECT documents.id, documents.content, documents.metadata
FROM pages
JOIN documents ON documents.page_id = pages.id
WHERE pages.id = ?
ORDER BY documents.sort_order, documents.id`;

const WORDS = {
  libsql: `
SELECT f.rowid AS id
FROM documents_fts f
WHERE documents_fts MATCH ?
  AND f.rowid IN (SELECT d.id FROM documents d JOIN pages p ON p.id = d.page_id WHERE p.version_id = ?)
ORDER BY bm25(documents_fts, 10, 1, 5, 1), f.rowid
LIMIT ${LIMIT}`,
  legacy: LEGACY_WORDS, // @legacy
};

const VECTORS = {
  libsql: `SELECT document_id AS id, embedding FROM document_vectors WHERE version_id = ?`,
  legacy: LEGACY_VECTORS, // @legacy
};

const CHUNKS_OF_PAGE = {
  libsql: `
SELECT d.id, d.content, v.embedding
FROM documents d LEFT JOIN document_vectors v ON v.document_id = d.id
WHERE d.page_id = ? ORDER BY d.sort_order, d.id`,
  legacy: LEGACY_CHUNKS_OF_PAGE, // @legacy
};

interface Stored {
  readonly id: number;
  readonly embedding: Uint8Array | string | null;
}

/** Answers a question by plain statements and arithmetic, in the form of `answer()`. */
export function plainAnswer(db: PlainDatabase, kind: Kind, question: Question): unknown {
  switch (question.op) {
    case 'overview':
      return db.prepare(OVERVIEW).raw().all();
    case 'pages':
      return db.prepare(PAGES).raw().all(question.versionId);
    case 'chunks': {
      const { library, version } = question.version as { library: string; version: string };
      // Not by get(), which libSQL's driver does not pluck.
      const [versionId] = db.prepare(VERSION).pluck().all(library.toLowerCase(), version.toLowerCase());
      const [pageId] = db
        .prepare(PAGE)
        .pluck()
        .all(versionId ?? null, question.url);
      const rows = db.prepare(CHUNKS).all(pageId ?? null) as {
        id: number;
        content: string;
        metadata: string;
      }[];
      return rows.map(({ id, content, metadata }) => [id, digest(content, metadataOf(metadata))]);
    }
    case 'content':
      return content(db, kind, question.versionId);
    case 'words':
      return db.prepare(WORDS[kind]).pluck().all(`"${question.term}"`, question.versionId);
    case 'nearest':
      return nearest(db, kind, question.versionId, question.vector);
  }
}

function metadataOf(text: string): string {
  try {
    const { types, level, path } = JSON.parse(text) as Record<string, unknown>;
    return JSON.stringify([types, level, path]);
  } catch {
    return text;
  }
}

function content(db: PlainDatabase, kind: Kind, versionId: number): unknown[] {
  const rows: unknown[] = [];
  for (const page of db.prepare(PAGES).raw().all(versionId) as unknown[][]) {
    rows.push(page);
    for (const chunk of db.prepare(CHUNKS_OF_PAGE[kind]).all(page[0]) as (Stored & { content: string })[]) {
      const vector = toVector(chunk.embedding);
      rows.push([
        chunk.id,
        digest(chunk.content),
        vector === null ? null : digest(new Uint8Array(vector.buffer)),
      ]);
    }
  }
  return rows;
}

function toVector(stored: Stored['embedding']): Float32Array | null {
  if (stored === null) return null;
  if (typeof stored !== 'string') return new Float32Array(Uint8Array.from(stored).buffer);
  try {
    return Float32Array.from(JSON.parse(stored) as number[]);
  } catch {
    return null;
  }
}

function nearest(db: PlainDatabase, kind: Kind, versionId: number, query: Float32Array): number[] {
  const stored = db.prepare(VECTORS[kind]).all(BigInt(versionId)) as Stored[];
  return stored
    .map(({ id, embedding }) => ({ id, distance: distance(query, toVector(embedding)) }))
    .filter(({ distance }) => !Number.isNaN(distance))
    .sort((a, b) => a.distance - b.distance || a.id - b.id)
    .slice(0, LIMIT)
    .map(({ id }) => id);
}

function distance(a: Float32Array, b: Float32Array | null): number {
  if (b === null || a.length !== b.length) return Number.NaN;
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += ((a[i] as number) - (b[i] as number)) ** 2;
  return sum;
}
