/** Names of pages, versions or a library, as the keys of a rollout have them. */
const KEYS = `
  SELECT library.name AS library, version.name AS version, page.url
  FROM store.library
  LEFT JOIN store.version ON version.library_id = library.id
  LEFT JOIN store.page ON page.version_id = version.id`;

export const KEYS_OF_PAGES = `${KEYS}
  WHERE page.id = ANY ($1::bigint[])
  ORDER BY page.id`;

export const KEY_OF_VERSION = `
  SELECT library.name AS library, version.name AS version
  FROM store.version
  JOIN store.library ON library.id = version.library_id
  WHERE version.id = $1`;

export const KEY_OF_LIBRARY = `
  SELECT name AS library
  FROM store.library
  WHERE id = $1`;

/** Names of the pages of the version with the key $2, or of all versions, in the library with the key $1. */
export const KEYS_BELOW = `${KEYS}
  WHERE library.name_key = $1 AND ($2::text IS NULL OR version.name_key = $2)
  ORDER BY version.id, page.id`;

export const LOGGED_LIBRARIES = `
  SELECT name, record
  FROM store.rollout_library`;

export const LOGGED_LIBRARY = `
  SELECT record
  FROM store.rollout_library
  WHERE name_key = $1`;

export const PUT_LOGGED_LIBRARY = `
  INSERT INTO store.rollout_library (name_key, name, record)
  VALUES ($1, $2, $3)
  ON CONFLICT (name_key) DO UPDATE SET record = excluded.record`;

const ENTRY_COLUMNS = 'key, epoch, sequence, stamp, dirty';

export const ENTRY = `
  SELECT ${ENTRY_COLUMNS}
  FROM store.rollout_entry
  WHERE library_key = $1 AND entry_key = $2`;

/** The $2 earliest dirty entries of the library $1. */
export const DIRTY_ENTRIES = `
  SELECT ${ENTRY_COLUMNS}
  FROM store.rollout_entry
  WHERE library_key = $1 AND dirty
  ORDER BY epoch, sequence
  LIMIT $2`;

export const ENTRIES_AFTER = `
  SELECT ${ENTRY_COLUMNS}
  FROM store.rollout_entry
  WHERE library_key = $1 AND epoch = $2 AND sequence > $3
  ORDER BY sequence`;

/** Writes entries, from a list for each column. */
export const PUT_ENTRIES = `
  INSERT INTO store.rollout_entry (library_key, entry_key, key, epoch, sequence, stamp, dirty)
  SELECT *
  FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::boolean[])
  ON CONFLICT (library_key, entry_key) DO UPDATE SET
    epoch = excluded.epoch, sequence = excluded.sequence, stamp = excluded.stamp, dirty = excluded.dirty`;

export const OPERATION = `
  SELECT operation
  FROM store.rollout_operation
  WHERE operation_key = $1
  LIMIT 1`;

export const OPERATIONS_OF_KEY = `
  SELECT operation
  FROM store.rollout_operation
  WHERE library_key = $1 AND entry_key = $2
  ORDER BY operation_key`;

export const ADD_OPERATION = `
  INSERT INTO store.rollout_operation (operation_key, library_key, entry_key, operation)
  VALUES ($1, $2, $3, $4)
  ON CONFLICT DO NOTHING`;

/** Removes operations that were stored more than a day ago and whose key is clean. */
export const EXPIRE_OPERATIONS = `
  DELETE FROM store.rollout_operation AS old
  WHERE old.stored_at < now() - interval '1 day'
    AND NOT EXISTS (
      SELECT
      FROM store.rollout_entry AS entry
      WHERE entry.library_key = old.library_key AND entry.entry_key = old.entry_key AND entry.dirty
    )`;

export const NOTES = `
  SELECT note
  FROM store.rollout_note
  WHERE kind_key = $1`;

export const PUT_NOTE = `
  INSERT INTO store.rollout_note (kind_key, note_key, note)
  VALUES ($1, $2, $3)
  ON CONFLICT (kind_key, note_key) DO UPDATE SET note = excluded.note`;

export const FORGET_ROLLOUT = `
  DELETE FROM store.rollout_library;
  DELETE FROM store.rollout_entry;
  DELETE FROM store.rollout_operation;
  DELETE FROM store.rollout_note`;

/** Makes the commit wait for the disk, with all earlier ones, where the server or the user does without. */
export const COMMIT_DURABLY = `
  SELECT set_config('synchronous_commit', 'on', true)
  WHERE current_setting('synchronous_commit') = 'off'`;
