/** Statements on the records of a rollout. Names and URLs come from the store and may hold any bytes. */
import { integer, text, textOf } from '../rows/text-columns.js';

/** Text column of a table without an id. */
function own(column: `${string}.${string}`): string {
  return textOf(column, column.slice(column.indexOf('.') + 1), column);
}

export const IS_ENROLLED = `
  SELECT 1 AS found FROM sqlite_master WHERE type = 'table' AND name = 'rollout_store'`;

export const STORE = `
  SELECT
    ${own('rollout_store.side')},
    ${own('rollout_store.boot')},
    ${integer('rollout_store.sequence')},
    ${integer('rollout_store.logs')},
    ${integer('rollout_store.revision')},
    ${own('rollout_store.stage')},
    ${integer('rollout_store.latched')}
  FROM rollout_store`;

export const INSERT_STORE = `
  INSERT INTO rollout_store (id, side, boot) VALUES (1, ?1, ?2)`;

export const SET_STORE = `
  UPDATE rollout_store
  SET boot = ?1, sequence = ?2, logs = ?3, revision = ?4, stage = ?5, latched = ?6`;

/** A transaction that changes nothing is not written to the disk. */
export const SYNC = `
  UPDATE rollout_store SET syncs = syncs + 1`;

export const BEGIN_ROLLOUT_WRITE = `
  UPDATE rollout_store SET writer = 'rollout', mark = sequence`;

export const BEGIN_PUT = `
  UPDATE rollout_store SET writer = 'put'`;

export const END_WRITE = `
  UPDATE rollout_store SET writer = 'unaware'`;

const LIBRARY_COLUMNS = `epoch, holder, gaps, last_epoch, last_sequence, filled`;

export const LIBRARY_NAMES = `
  SELECT ${own('rollout_libraries.name')} FROM rollout_libraries ORDER BY name`;

export const LIBRARY = `
  SELECT
    ${integer('rollout_libraries.epoch')},
    ${own('rollout_libraries.holder')},
    ${own('rollout_libraries.gaps')},
    ${integer('rollout_libraries.last_epoch')},
    ${integer('rollout_libraries.last_sequence')},
    ${integer('rollout_libraries.filled')}
  FROM rollout_libraries
  WHERE name = ?1`;

export const PUT_LIBRARY = `
  INSERT INTO rollout_libraries (name, ${LIBRARY_COLUMNS})
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
  ON CONFLICT (name) DO UPDATE SET
    epoch = excluded.epoch,
    holder = excluded.holder,
    gaps = excluded.gaps,
    last_epoch = excluded.last_epoch,
    last_sequence = excluded.last_sequence,
    filled = excluded.filled`;

/** Libraries that were there before the store was enrolled, or were created while nothing was logged. */
export const ENROLL_LIBRARIES = `
  INSERT INTO rollout_libraries (name, epoch, holder, gaps, last_epoch, last_sequence)
  SELECT DISTINCT lower(name), 1, 'old', '[]', 0, 0 FROM libraries WHERE true
  ON CONFLICT (name) DO NOTHING`;

/** Names of all libraries and versions. A version without a name is unversioned, as one with an empty name. */
export const ALL_NAMES = `
  SELECT libraries.id AS library_id, ${text('libraries.name', { as: 'library' })}, NULL AS id, NULL AS "version@versions.name"
  FROM libraries
  UNION ALL
  SELECT
    versions.library_id,
    ${text('libraries.name', { as: 'library' })},
    versions.id,
    CAST(coalesce(versions.name, '') AS BLOB)
  FROM versions
  JOIN libraries ON libraries.id = versions.library_id
  ORDER BY 1, 3`;

/** Takes the completeness of every library on both sides: see \`voidMarkers\` in the core. */
export const VOID_MARKERS = `
  UPDATE rollout_libraries
  SET epoch = epoch + (holder = (SELECT side FROM rollout_store)), filled = NULL`;

const ENTRY_COLUMNS = `
    ${own('rollout_entries.kind')},
    ${own('rollout_entries.version')},
    ${own('rollout_entries.url')},
    ${integer('rollout_entries.epoch')},
    ${integer('rollout_entries.sequence')},
    ${integer('rollout_entries.stamp')},
    ${integer('rollout_entries.dirty')}`;

export const ENTRY = `
  SELECT ${ENTRY_COLUMNS}
  FROM rollout_entries
  WHERE library = ?1 AND kind = ?2 AND version = ?3 AND url = ?4`;

export const PUT_ENTRY = `
  INSERT INTO rollout_entries (library, kind, version, url, epoch, sequence, stamp, dirty)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
  ON CONFLICT (library, kind, version, url) DO UPDATE SET
    epoch = excluded.epoch,
    sequence = excluded.sequence,
    stamp = excluded.stamp,
    dirty = excluded.dirty`;

export const OLDEST_DIRTY = `
  SELECT ${ENTRY_COLUMNS}
  FROM rollout_entries
  WHERE library = ?1 AND dirty = 1
  ORDER BY rollout_entries.epoch, rollout_entries.sequence
  LIMIT 1`;

export const ENTRIES_AFTER = `
  SELECT ${ENTRY_COLUMNS}
  FROM rollout_entries
  WHERE library = ?1 AND epoch = ?2 AND sequence > ?3
  ORDER BY rollout_entries.sequence`;

/** Keys that the present transaction changed. */
export const CHANGED_SINCE = `
  SELECT ${own('rollout_entries.library')}, ${ENTRY_COLUMNS}
  FROM rollout_entries
  WHERE dirty = 1 AND sequence > ?1
  ORDER BY rollout_entries.sequence`;

/** Logs a key, as the triggers do. */
export const TOUCH = `
  INSERT INTO rollout_changes (library, kind, version, url) VALUES (?1, ?2, ?3, ?4)`;

/** The dirty entry at a position: there is one at most. */
export const DIRTY_AT = `
  SELECT ${ENTRY_COLUMNS}
  FROM rollout_entries
  WHERE library = ?1 AND epoch = ?2 AND sequence = ?3 AND dirty = 1`;

/** Not by the key, whose texts are read as others where they are not UTF-8. */
export const CLEAR = `
  UPDATE rollout_entries SET dirty = 0 WHERE library = ?1 AND epoch = ?2 AND sequence = ?3 AND dirty = 1`;

const OPERATION_COLUMNS = `
    ${own('rollout_operations.operation')},
    ${own('rollout_operations.kind')},
    ${own('rollout_operations.version')},
    ${own('rollout_operations.url')},
    ${integer('rollout_operations.epoch')},
    ${integer('rollout_operations.sequence')},
    ${own('rollout_operations.results')}`;

export const OPERATIONS_OF_KEY = `
  SELECT ${OPERATION_COLUMNS}
  FROM rollout_operations
  WHERE library = ?1 AND kind = ?2 AND version = ?3 AND url = ?4
  ORDER BY operation`;

export const OPERATION = `
  SELECT ${OPERATION_COLUMNS} FROM rollout_operations WHERE operation = ?1 LIMIT 1`;

export const ADD_OPERATION = `
  INSERT INTO rollout_operations (operation, library, kind, version, url, epoch, sequence, results)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
  ON CONFLICT (operation, library) DO NOTHING`;

/** A caller repeats an operation within a day; one whose key is dirty is not on the other side yet. */
export const EXPIRE_OPERATIONS = `
  DELETE FROM rollout_operations
  WHERE at < datetime('now', '-1 day')
    AND NOT EXISTS (
      SELECT 1
      FROM rollout_entries
      WHERE rollout_entries.library = rollout_operations.library
        AND rollout_entries.kind = rollout_operations.kind
        AND rollout_entries.version = rollout_operations.version
        AND rollout_entries.url = rollout_operations.url
        AND rollout_entries.dirty = 1
    )`;

export const PUT_NOTE = `
  INSERT INTO rollout_notes (kind, key, at, body)
  VALUES (?1, ?2, ?3, ?4)
  ON CONFLICT (kind, key) DO UPDATE SET at = excluded.at, body = excluded.body`;

export const NOTES = `
  SELECT
    ${own('rollout_notes.kind')},
    ${own('rollout_notes.key')},
    ${integer('rollout_notes.at')},
    ${own('rollout_notes.body')}
  FROM rollout_notes
  WHERE kind = ?1
  ORDER BY rollout_notes.key`;

/** Ids of the new side come from here. */
export const INSERT_IDS = `
  INSERT INTO rollout_ids (kind, next) VALUES (?1, ?2)`;

export const TAKE_IDS = `
  UPDATE rollout_ids SET next = next + ?2 WHERE kind = ?1 RETURNING ${integer('next')}`;

export const SKIP_IDS = `
  UPDATE rollout_ids SET next = next + ?1`;

/** Ids of the old side come from AUTOINCREMENT, which starts above them. */
const COUNTED = `('libraries', 'versions', 'pages', 'documents')`;

export const SKIP_COUNTED_IDS = `
  UPDATE sqlite_sequence SET seq = seq + ?1 WHERE name IN ${COUNTED}`;

export const LAST_ID = `
  SELECT max(
    coalesce((SELECT max(seq) FROM sqlite_sequence WHERE name IN ${COUNTED}), 0),
    coalesce((SELECT max(id) FROM libraries), 0),
    coalesce((SELECT max(id) FROM versions), 0),
    coalesce((SELECT max(id) FROM pages), 0),
    coalesce((SELECT max(id) FROM documents), 0)
  ) AS last`;

export const ADD_COUNTERS = `
  INSERT INTO sqlite_sequence (name, seq)
  SELECT value, 0
  FROM json_each('["libraries", "versions", "pages", "documents"]')
  WHERE value NOT IN (SELECT name FROM sqlite_sequence)`;

export const RAISE_COUNTERS = `
  UPDATE sqlite_sequence SET seq = max(seq, ?1) WHERE name IN ${COUNTED}`;

export const RECORD_TRIGGER = `
  INSERT INTO rollout_triggers (name, definition, kept)
  SELECT name, ?2, sql
  FROM sqlite_master
  WHERE type = 'trigger' AND name = ?1
  ON CONFLICT (name) DO UPDATE SET definition = excluded.definition, kept = excluded.kept`;

/** Recorded triggers with the text that they have now; null for one that is gone. */
export const TRIGGERS = `
  SELECT
    ${own('rollout_triggers.name')},
    ${own('rollout_triggers.definition')},
    ${own('rollout_triggers.kept')},
    ${own('sqlite_master.sql')}
  FROM rollout_triggers
  LEFT JOIN sqlite_master ON sqlite_master.type = 'trigger' AND sqlite_master.name = rollout_triggers.name`;

export const VERSIONS_OF_LIBRARY = `
  SELECT id FROM versions WHERE library_id = ?1`;

export const DELETE_LIBRARY = `
  DELETE FROM libraries WHERE id = ?1`;
