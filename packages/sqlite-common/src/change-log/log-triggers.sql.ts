/**
 * Triggers that log which keys change, in the transaction of the write, and refuse writers that know nothing of the
 * rollout where the library is held by the other side. Each inserts into the view `rollout_changes`, whose trigger writes
 * the entry.
 *
 * REPLACE fires no delete trigger for the rows it removes, so the `replaced` triggers look for a row that is about to be
 * removed and has another key. vec0 tables take no triggers; the vectors in them follow from `documents`. The clauses
 * WHERE NOT EXISTS and ON CONFLICT hold whatever conflict clause the statement that fired a trigger has.
 */

/** Part of the message of a refused write, by which it is recognized. */
export const ROLLOUT_REFUSAL = 'switchyard rollout:';

const LOG_CHANGE = `
CREATE TRIGGER rollout_log_change
INSTEAD OF INSERT ON rollout_changes
WHEN NEW.library IS NOT NULL
  AND (SELECT writer FROM rollout_store) <> 'put'
  AND NOT EXISTS (
    SELECT 1
    FROM rollout_store
    JOIN rollout_entries ON rollout_entries.sequence > rollout_store.mark
    WHERE rollout_store.writer = 'rollout'
      AND rollout_entries.dirty = 1
      AND rollout_entries.library = NEW.library
      AND rollout_entries.kind = NEW.kind
      AND rollout_entries.version = NEW.version
      AND rollout_entries.url = NEW.url
  )
BEGIN
  SELECT RAISE(ABORT, '${ROLLOUT_REFUSAL} this library takes writes only through its rollout')
  FROM rollout_store
  LEFT JOIN rollout_libraries ON rollout_libraries.name = NEW.library
  WHERE rollout_store.writer = 'unaware'
    AND (rollout_store.side = 'new' OR coalesce(rollout_libraries.holder, 'old') <> rollout_store.side);

  UPDATE rollout_store SET sequence = sequence + 1;

  INSERT INTO rollout_libraries (name, epoch, holder, gaps, last_epoch, last_sequence)
  SELECT NEW.library, 1, 'old', '[]', 1, rollout_store.sequence
  FROM rollout_store
  WHERE true
  ON CONFLICT (name) DO UPDATE SET last_epoch = epoch, last_sequence = excluded.last_sequence;

  INSERT INTO rollout_entries (library, kind, version, url, epoch, sequence, stamp, dirty)
  SELECT
    NEW.library,
    NEW.kind,
    NEW.version,
    NEW.url,
    rollout_libraries.epoch,
    rollout_store.sequence,
    random() & 9007199254740991,
    1
  FROM rollout_store
  JOIN rollout_libraries ON rollout_libraries.name = NEW.library
  WHERE true
  ON CONFLICT (library, kind, version, url) DO UPDATE SET
    epoch = excluded.epoch,
    sequence = excluded.sequence,
    stamp = excluded.stamp,
    dirty = 1;
END`;

type Row = 'OLD' | 'NEW';

/** Logs the key of a row of `libraries`. */
const libraryKey = (row: Row) => `
  INSERT INTO rollout_changes (library, kind, version, url)
  VALUES (lower(${row}.name), 'library', '', '');`;

/** Logs the keys of everything below a row of `libraries`, under its name. */
const keysOfLibrary = (row: Row) => `
  INSERT INTO rollout_changes (library, kind, version, url)
  SELECT lower(${row}.name), 'version', lower(coalesce(versions.name, '')), ''
  FROM versions
  WHERE versions.library_id = ${row}.id;
  INSERT INTO rollout_changes (library, kind, version, url)
  SELECT lower(${row}.name), 'page', lower(coalesce(versions.name, '')), pages.url
  FROM versions
  JOIN pages ON pages.version_id = versions.id
  WHERE versions.library_id = ${row}.id;`;

/** Logs the key of a row of `versions`. */
const versionKey = (row: Row) => `
  INSERT INTO rollout_changes (library, kind, version, url)
  SELECT lower(libraries.name), 'version', lower(coalesce(${row}.name, '')), ''
  FROM libraries
  WHERE libraries.id = ${row}.library_id;`;

/** Logs the keys of the pages of a row of `versions`, under its name. */
const keysOfVersion = (row: Row) => `
  INSERT INTO rollout_changes (library, kind, version, url)
  SELECT lower(libraries.name), 'page', lower(coalesce(${row}.name, '')), pages.url
  FROM libraries
  JOIN pages ON pages.version_id = ${row}.id
  WHERE libraries.id = ${row}.library_id;`;

/** Logs the key of a row of `pages`. */
const pageKey = (row: Row) => `
  INSERT INTO rollout_changes (library, kind, version, url)
  SELECT lower(libraries.name), 'page', lower(coalesce(versions.name, '')), ${row}.url
  FROM versions
  JOIN libraries ON libraries.id = versions.library_id
  WHERE versions.id = ${row}.version_id;`;

/** Logs the key of the page of a chunk. */
const keyOfPage = (id: string) => `
  INSERT INTO rollout_changes (library, kind, version, url)
  SELECT lower(libraries.name), 'page', lower(coalesce(versions.name, '')), pages.url
  FROM pages
  JOIN versions ON versions.id = pages.version_id
  JOIN libraries ON libraries.id = versions.library_id
  WHERE pages.id = ${id};`;

function trigger(name: string, when: string, body: string): readonly [name: string, sql: string] {
  return [name, `CREATE TRIGGER ${name}\n${when}\nBEGIN${body}\nEND`];
}

/** Every trigger by name. */
export const logTriggers: ReadonlyMap<string, string> = new Map([
  ['rollout_log_change', LOG_CHANGE.trim()],
  trigger('rollout_library_inserted', 'AFTER INSERT ON libraries', libraryKey('NEW')),
  trigger('rollout_library_updated', 'AFTER UPDATE ON libraries', libraryKey('NEW')),
  trigger('rollout_library_deleted', 'AFTER DELETE ON libraries', libraryKey('OLD')),
  trigger(
    'rollout_library_renamed',
    'AFTER UPDATE OF name ON libraries WHEN lower(OLD.name) <> lower(NEW.name)',
    libraryKey('OLD') + keysOfLibrary('OLD') + keysOfLibrary('NEW'),
  ),
  trigger(
    'rollout_library_replaced',
    `BEFORE INSERT ON libraries
WHEN EXISTS (SELECT 1 FROM libraries WHERE id = NEW.id AND lower(name) <> lower(NEW.name))`,
    `
  INSERT INTO rollout_changes (library, kind, version, url)
  SELECT lower(libraries.name), 'library', '', ''
  FROM libraries
  WHERE libraries.id = NEW.id;`,
  ),
  trigger('rollout_version_inserted', 'AFTER INSERT ON versions', versionKey('NEW')),
  trigger('rollout_version_updated', 'AFTER UPDATE ON versions', versionKey('NEW')),
  trigger('rollout_version_deleted', 'AFTER DELETE ON versions', versionKey('OLD')),
  trigger(
    'rollout_version_renamed',
    `AFTER UPDATE OF library_id, name ON versions
WHEN OLD.library_id <> NEW.library_id OR lower(coalesce(OLD.name, '')) <> lower(coalesce(NEW.name, ''))`,
    versionKey('OLD') + keysOfVersion('OLD') + keysOfVersion('NEW'),
  ),
  trigger(
    'rollout_version_replaced',
    `BEFORE INSERT ON versions
WHEN EXISTS (
  SELECT 1
  FROM versions
  WHERE id = NEW.id
    AND (library_id <> NEW.library_id OR lower(coalesce(name, '')) <> lower(coalesce(NEW.name, '')))
)`,
    `
  INSERT INTO rollout_changes (library, kind, version, url)
  SELECT lower(libraries.name), 'version', lower(coalesce(versions.name, '')), ''
  FROM versions
  JOIN libraries ON libraries.id = versions.library_id
  WHERE versions.id = NEW.id;`,
  ),
  trigger('rollout_page_inserted', 'AFTER INSERT ON pages', pageKey('NEW')),
  trigger('rollout_page_updated', 'AFTER UPDATE ON pages', pageKey('NEW')),
  trigger('rollout_page_deleted', 'AFTER DELETE ON pages', pageKey('OLD')),
  trigger(
    'rollout_page_moved',
    'AFTER UPDATE OF version_id, url ON pages WHEN OLD.version_id <> NEW.version_id OR OLD.url <> NEW.url',
    pageKey('OLD'),
  ),
  trigger(
    'rollout_page_replaced',
    `BEFORE INSERT ON pages
WHEN EXISTS (
  SELECT 1
  FROM pages
  WHERE id = NEW.id AND (version_id <> NEW.version_id OR url <> NEW.url)
)`,
    keyOfPage('NEW.id'),
  ),
  trigger('rollout_chunk_inserted', 'AFTER INSERT ON documents', keyOfPage('NEW.page_id')),
  trigger('rollout_chunk_updated', 'AFTER UPDATE ON documents', keyOfPage('NEW.page_id')),
  trigger('rollout_chunk_deleted', 'AFTER DELETE ON documents', keyOfPage('OLD.page_id')),
  trigger(
    'rollout_chunk_moved',
    'AFTER UPDATE OF page_id ON documents WHEN OLD.page_id <> NEW.page_id',
    keyOfPage('OLD.page_id'),
  ),
  trigger(
    'rollout_chunk_replaced',
    `BEFORE INSERT ON documents
WHEN EXISTS (SELECT 1 FROM documents WHERE id = NEW.id AND page_id <> NEW.page_id)`,
    keyOfPage('(SELECT page_id FROM documents WHERE id = NEW.id)'),
  ),
]);
