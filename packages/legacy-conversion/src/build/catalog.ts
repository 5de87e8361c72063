import type { SqliteDriver } from '@switchyard/sqlite-common';

const LIBRARIES = `
  INSERT INTO main.libraries (id, name, created_at)
  SELECT id, name, created_at FROM legacy.libraries`;

/** NULL once was the name of the unversioned version, and older software omitted counters and statuses. */
const VERSIONS = `
  INSERT INTO main.versions (
    id, library_id, name, created_at, status, progress_pages, progress_max_pages,
    error_message, started_at, updated_at, source_url, scraper_options
  )
  SELECT
    id, library_id, coalesce(name, ''), created_at, coalesce(status, 'not_indexed'),
    coalesce(progress_pages, 0), coalesce(progress_max_pages, 0),
    error_message, started_at, updated_at, source_url, scraper_options
  FROM legacy.versions
  WHERE library_id IN (SELECT id FROM main.libraries)`;

/** Columns that do not exist at a level are NULL. */
const PAGES: Readonly<Record<'since12' | 'since10' | 'since9', string>> = {
  since12: `
  INSERT INTO main.pages (
    id, version_id, url, title, etag, last_modified, content_type, source_content_type, depth, created_at, updated_at
  )
  SELECT
    id, version_id, url, title, etag, last_modified, content_type, source_content_type, depth, created_at, updated_at
  FROM legacy.pages
  WHERE version_id IN (SELECT id FROM main.versions)`,
  since10: `
  INSERT INTO main.pages (
    id, version_id, url, title, etag, last_modified, content_type, source_content_type, depth, created_at, updated_at
  )
  SELECT
    id, version_id, url, title, etag, last_modified, content_type, NULL, depth, created_at, updated_at
  FROM legacy.pages
  WHERE version_id IN (SELECT id FROM main.versions)`,
  since9: `
  INSERT INTO main.pages (
    id, version_id, url, title, etag, last_modified, content_type, source_content_type, depth, created_at, updated_at
  )
  SELECT
    id, version_id, url, title, etag, last_modified, content_type, NULL, NULL, created_at, updated_at
  FROM legacy.pages
  WHERE version_id IN (SELECT id FROM main.versions)`,
};

/** Ids are never reused, including those of deleted rows. */
const SEQUENCES = `
  DELETE FROM main.sqlite_sequence
  WHERE name IN ('libraries', 'versions', 'pages', 'documents') AND name IN (SELECT name FROM legacy.sqlite_sequence);
  INSERT INTO main.sqlite_sequence (name, seq)
  SELECT name, seq FROM legacy.sqlite_sequence WHERE name IN ('libraries', 'versions', 'pages', 'documents')`;

/** Copies libraries, versions and pages, value by value, inside SQLite. */
export function copyCatalog(driver: SqliteDriver, level: number): void {
  driver.run(LIBRARIES);
  driver.run(VERSIONS);
  driver.run(PAGES[level >= 12 ? 'since12' : level >= 10 ? 'since10' : 'since9']);
}

/** Copies the counters of the next ids. */
export function copySequences(driver: SqliteDriver): void {
  driver.exec(SEQUENCES);
}
