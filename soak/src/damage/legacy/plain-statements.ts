import { LIMIT } from '../types.js';

/** Each chunk is looked up by its id, which fails in a damaged leaf that a scan reads in full. */
export const LEGACY_WORDS = `
SELECT f.rowid AS id
FROM documents_fts f
CROSS JOIN documents d ON d.id = f.rowid
CROSS JOIN pages p ON p.id = d.page_id
WHERE documents_fts MATCH ? AND p.version_id = ?
ORDER BY bm25(documents_fts, 10, 1, 5, 1), f.rowid
LIMIT ${LIMIT}`;

/** Vectors of a version. */
export const LEGACY_VECTORS = `
SELECT v.rowid AS id, v.embedding
FROM documents_vec v
WHERE v.version_id = ?
  AND EXISTS (
    SELECT 1 FROM documents d JOIN pages p ON p.id = d.page_id WHERE d.id = v.rowid AND p.version_id = v.version_id
  )`;

/** Chunks of a page. Upgraded stores have their vectors only in the index. */
export const LEGACY_CHUNKS_OF_PAGE = `
SELECT d.id, d.content, coalesce(d.embedding, (SELECT embedding FROM documents_vec WHERE rowid = d.id)) AS embedding
FROM documents d WHERE d.page_id = ? ORDER BY d.sort_order, d.id`;
