/**
 * Writes pages by one statement, which is one request to a server and a transaction by itself: an INSERT into a view,
 * whose trigger does what mutations/pages.ts of sqlite-common does statement by statement. It leaves its results in
 * `written_pages`, which the RETURNING clause of the same INSERT reads. A write that contradicts the store is refused as
 * a whole with RAISE; the caller then writes statement by statement, which finds the exact reason.
 *
 * A row of the view is a part of the write; a statement has one or more:
 *
 * - `part`: 0, 1, …
 * - `now`: time of the write
 * - `pages`: a JSON array of the pages that begin in this part: `n` (number in the list), `v` (id of the version) or `l`
 *   and `r` (names of library and version), `id`, `url`, `title`, `e` (etag), `m` (last modified), `c`, `s` (content
 *   type, of the source), `d` (depth), `ca`, `ua` (created, updated at; absent for the default)
 * - `chunks`: a JSON array of arrays: 0 number of its page, 1 number of the chunk in the whole list from 1, 2 id or
 *   null, 3 sort order, 4 structural, 5 created at, or 0 for now, 6 metadata, 7 content, 8 `unscaled` of its vector or
 *   null without one, 9 offset of its vector in `vectors`, from 1
 * - `vectors`: the float32 bytes of the vectors of this part, concatenated
 * - `bytes`: bytes of a vector
 *
 * Chunks without an id are numbered from the largest id ever assigned. It is stored in the row −1 of `written_pages`,
 * because the counter of AUTOINCREMENT is only written when the statement ends.
 */
function pageWrites(
  view: string,
  vectors: {
    readonly join: 'JOIN' | 'CROSS JOIN';
    readonly check: string;
    readonly drop: string;
    readonly put: string;
  },
) {
  return `
  CREATE VIEW ${view} AS
  SELECT NULL AS part, NULL AS now, NULL AS pages, NULL AS chunks, NULL AS vectors, NULL AS bytes WHERE 0;

  CREATE TRIGGER ${view}_insert INSTEAD OF INSERT ON ${view} BEGIN
    DELETE FROM written_pages WHERE NEW.part = 0;

    INSERT INTO written_pages (position, part, page_id)
    SELECT -1, -1, max(
      coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'documents'), 0),
      coalesce((SELECT max(id) FROM documents), 0)
    )
    WHERE NEW.part = 0;

    SELECT RAISE(ABORT, 'switchyard: there is no such version')
    FROM json_each(NEW.pages) AS page
    WHERE page.value ->> 'v' IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM versions WHERE versions.id = page.value ->> 'v');
${vectors.check}
    INSERT INTO libraries (name, created_at)
    SELECT page.value ->> 'l', NEW.now
    FROM json_each(NEW.pages) AS page
    WHERE page.value ->> 'v' IS NULL
      AND NOT EXISTS (SELECT 1 FROM libraries WHERE lower(libraries.name) = page.value ->> 'l')
    GROUP BY page.value ->> 'l'
    ORDER BY min(page.key);

    INSERT INTO versions (library_id, name, created_at, status, progress_pages, progress_max_pages)
    SELECT libraries.id, page.value ->> 'r', NEW.now, 'not_indexed', 0, 0
    FROM json_each(NEW.pages) AS page
    JOIN libraries ON lower(libraries.name) = page.value ->> 'l'
    WHERE page.value ->> 'v' IS NULL
      AND NOT EXISTS (
        SELECT 1
        FROM versions
        WHERE versions.library_id = libraries.id AND lower(versions.name) = page.value ->> 'r'
      )
    GROUP BY libraries.id, page.value ->> 'r'
    ORDER BY min(page.key);

    INSERT INTO written_pages (position, part, version_id)
    SELECT
      page.value ->> 'n',
      NEW.part,
      coalesce(
        page.value ->> 'v',
        (
          SELECT versions.id
          FROM libraries
          JOIN versions ON versions.library_id = libraries.id
          WHERE lower(libraries.name) = page.value ->> 'l' AND lower(versions.name) = page.value ->> 'r'
        )
      )
    FROM json_each(NEW.pages) AS page;

    UPDATE written_pages
    SET page_id = (
      SELECT pages.id
      FROM json_each(NEW.pages) AS page
      ${vectors.join} pages ON pages.url = page.value ->> 'url'
      WHERE page.value ->> 'n' = written_pages.position AND pages.version_id = written_pages.version_id
    )
    WHERE part = NEW.part;

    SELECT RAISE(ABORT, 'switchyard: the id of a page contradicts the store')
    FROM json_each(NEW.pages) AS page
    JOIN written_pages ON written_pages.position = page.value ->> 'n'
    WHERE page.value ->> 'id' <> written_pages.page_id
      OR (
        written_pages.page_id IS NULL AND EXISTS (SELECT 1 FROM pages WHERE pages.id = page.value ->> 'id')
      );

    UPDATE written_pages
    SET chunks_replaced = (SELECT count(*) FROM documents WHERE documents.page_id = written_pages.page_id)
    WHERE part = NEW.part;

    INSERT INTO documents_fts (documents_fts, rowid, content, title, url, path)
    SELECT 'delete', id, content, title, url, path
    FROM documents_text
    WHERE page_id IN (SELECT page_id FROM written_pages WHERE part = NEW.part);
${vectors.drop}
    DELETE FROM documents WHERE page_id IN (SELECT page_id FROM written_pages WHERE part = NEW.part);

    REPLACE INTO pages (
      id, version_id, url, title, etag, last_modified, content_type, source_content_type, depth, created_at, updated_at
    )
    SELECT
      coalesce(written_pages.page_id, page.value ->> 'id'),
      written_pages.version_id,
      page.value ->> 'url',
      page.value ->> 'title',
      page.value ->> 'e',
      page.value ->> 'm',
      page.value ->> 'c',
      page.value ->> 's',
      page.value ->> 'd',
      CASE
        WHEN json_type(page.value, '$.ca') IS NOT NULL THEN page.value ->> 'ca'
        WHEN old.id IS NOT NULL THEN old.created_at
        ELSE NEW.now
      END,
      CASE WHEN json_type(page.value, '$.ua') IS NOT NULL THEN page.value ->> 'ua' ELSE NEW.now END
    FROM json_each(NEW.pages) AS page
    JOIN written_pages ON written_pages.position = page.value ->> 'n'
    LEFT JOIN pages AS old ON old.id = written_pages.page_id
    ORDER BY page.key;

    UPDATE written_pages
    SET page_id = (
      SELECT pages.id
      FROM json_each(NEW.pages) AS page
      ${vectors.join} pages ON pages.url = page.value ->> 'url'
      WHERE page.value ->> 'n' = written_pages.position AND pages.version_id = written_pages.version_id
    )
    WHERE part = NEW.part AND page_id IS NULL;

    INSERT INTO documents (id, page_id, version_id, sort_order, structural, created_at, metadata, content)
    SELECT
      coalesce(
        chunk.value ->> 2,
        (SELECT page_id FROM written_pages WHERE position = -1) + (chunk.value ->> 1)
      ),
      written_pages.page_id,
      written_pages.version_id,
      chunk.value ->> 3,
      chunk.value ->> 4,
      CASE WHEN chunk.value ->> 5 = 0 THEN NEW.now ELSE chunk.value ->> 5 END,
      chunk.value ->> 6,
      chunk.value ->> 7
    FROM json_each(NEW.chunks) AS chunk
    JOIN written_pages ON written_pages.position = chunk.value ->> 0
    ORDER BY chunk.key;

    INSERT INTO documents_fts (rowid, content, title, url, path)
    SELECT id, content, title, url, path
    FROM documents_text
    WHERE id IN (
      SELECT
        coalesce(
          chunk.value ->> 2,
          (SELECT page_id FROM written_pages WHERE position = -1) + (chunk.value ->> 1)
        )
      FROM json_each(NEW.chunks) AS chunk
    );
${vectors.put}
  END;`;
}

/** For stores without a vector table. Belongs to a step of the schema, whose text is frozen. */
export const PAGE_WRITES = `
  -- What the last write of pages did; see page-writes.sql.ts.
  CREATE TABLE written_pages (
    position INTEGER PRIMARY KEY,
    part INTEGER NOT NULL,
    version_id INTEGER,
    page_id INTEGER,
    chunks_replaced INTEGER NOT NULL DEFAULT 0
  );
${pageWrites('page_writes', { join: 'JOIN', check: '', drop: '', put: '' })}`;

/** For stores with a vector table; created and dropped with it. */
export const VECTOR_PAGE_WRITES = pageWrites('vector_page_writes', {
  // Fixes the join order: SQLite otherwise scans all pages of the version for each written page.
  join: 'CROSS JOIN',
  check: `
    SELECT RAISE(ABORT, 'switchyard: the dimension of the store has changed')
    WHERE NEW.bytes <> 4 * coalesce(
      (SELECT switchyard_meta.value FROM switchyard_meta WHERE switchyard_meta.key = 'embedding_dimension'),
      0
    );
`,
  drop: `
    DELETE FROM document_vectors
    WHERE document_id IN (
      SELECT documents.id
      FROM documents
      WHERE documents.page_id IN (SELECT page_id FROM written_pages WHERE part = NEW.part)
    );
`,
  put: `
    INSERT INTO document_vectors (document_id, version_id, unscaled, embedding)
    SELECT
      coalesce(
        chunk.value ->> 2,
        (SELECT page_id FROM written_pages WHERE position = -1) + (chunk.value ->> 1)
      ),
      written_pages.version_id,
      chunk.value ->> 8,
      substr(NEW.vectors, chunk.value ->> 9, NEW.bytes)
    FROM json_each(NEW.chunks) AS chunk
    JOIN written_pages ON written_pages.position = chunk.value ->> 0
    WHERE chunk.value ->> 8 IS NOT NULL;

    INSERT INTO vector_generations (version_id, generation)
    SELECT DISTINCT version_id, 1
    FROM written_pages
    WHERE position >= 0
    ON CONFLICT (version_id) DO UPDATE SET generation = generation + 1;
`,
});
